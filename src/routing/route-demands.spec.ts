import type { AccessTokenClaims } from '../tokens/claims-rules.js';
import { unmetDemand } from './route-demands.js';

const NOW = 1_800_000_000;
const claims = (more: object): AccessTokenClaims => ({ auth_time: NOW, ...more }) as AccessTokenClaims;

describe('a route that requires a recent login', () => {
  it('takes nobody who acts for the user, however short ago that login was: another password would not help', () => {
    const acting = claims({ act: { sub: 'support-7', gen: 0 } });
    expect(unmetDemand(acting, { maxAge: 300 }, NOW * 1000)).toMatchObject({ code: 'forbidden' });
    expect(unmetDemand(claims({}), { maxAge: 300 }, NOW * 1000)).toBeNull();
  });

  it('asks for the password only where it would help', () => {
    const old = claims({ auth_time: NOW - 301, roles: ['buyer'] });
    expect(unmetDemand(old, { maxAge: 300, roles: ['admin'] }, NOW * 1000)).toMatchObject({ code: 'forbidden' });
    expect(unmetDemand(old, { maxAge: 300, roles: ['buyer'] }, NOW * 1000)).toMatchObject({
      code: 'insufficient_user_authentication',
      maxAge: 300,
    });
  });
});
