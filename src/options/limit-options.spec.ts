import { AuthConfigError } from '../auth.errors.js';
import { LIMIT_OPTIONS } from './limit-options.js';

const { loginLimits } = LIMIT_OPTIONS;
const read = (text: string) => loginLimits.check(loginLimits.fromText(text, 'LOGIN_LIMITS'), 'LOGIN_LIMITS');

describe('the limits on logins, as they are set', () => {
  it('can be switched off', () => {
    expect(read('off')).toBeNull();
  });

  it('keep the defaults of those that are not named', () => {
    const limits = read('{"account":"30/2h"}')!;
    expect(limits.account).toEqual({ attempts: 30, window: 7_200_000 });
    expect(limits.source).toEqual({ attempts: 100, window: 900_000 });
    expect(read('{}')).toEqual(loginLimits.check(undefined, 'loginLimits'));
  });

  it.each([
    ['no JSON', 'of', /LOGIN_LIMITS is not JSON; it must be off, or an object/],
    ['a list', '[]', /LOGIN_LIMITS must be off, or an object/],
    ['null', 'null', /LOGIN_LIMITS must be off, or an object/],
    ['an unknown limit', '{"acount":"5/1h"}', /has no limit 'acount'; did you mean account\?/],
    ['an inherited name', '{"toString":"5/1h"}', /has no limit 'toString'/],
    ['a number', '{"account":50}', /LOGIN_LIMITS\.account must be attempts\/window, such as '10\/15m'/],
    ['no unit', '{"account":"50/60"}', /LOGIN_LIMITS\.account must be/],
    ['no attempt at all', '{"account":"0/1h"}', /LOGIN_LIMITS\.account must be/],
    ['a window that is too long', '{"account":"50/2d"}', /1 to 10000 attempts in 1s to 1d/],
    ['a window that is too short', '{"account":"50/10ms"}', /1 to 10000 attempts in 1s to 1d/],
    ['too many', '{"account":"10001/1h"}', /1 to 10000 attempts/],
  ])('are refused for %s, with what to write', (_story, text, sentence) => {
    expect(() => read(text)).toThrow(AuthConfigError);
    expect(() => read(text)).toThrow(sentence);
  });
});
