import { NOW, content, tokenService } from '../../test/support/access-tokens.js';
import { readToken } from '../../test/support/adapters.js';
import { eventually } from '../../test/support/eventually.js';
import { giving, movingFrom, openDoor, type FrontDoor } from '../../test/support/front-door.js';
import { AuthClock } from '../auth.clock.js';
import type { RevokedBecause } from '../revocation/revocation-list.js';
import type { Revocations } from '../revocation/revocations.js';
import type { AccessTokenClaims } from '../tokens/claims-rules.js';
import { generateKeys } from '../tokens/generate-keys.js';
import { COOL_DOWN, RemoteRenewals } from './remote-renewals.js';

const { service, clock: issued } = tokenService(generateKeys());
const old = service.issue(content);
const claims = readToken(old) as unknown as AccessTokenClaims;
const renewed = service.reissue(claims, NOW + 900, NOW + 2700);

let door: FrontDoor;
let monotonic: number;
let time: number;
let revoked: RevokedBecause | null;
let stale: boolean;
let renewals: RemoteRenewals;
let headers: Record<string, unknown>[];

beforeEach(async () => {
  monotonic = 0;
  time = NOW + 900;
  issued.now = time * 1000;
  [revoked, stale, headers] = [null, false, []];
  door = await openDoor((request, response) => {
    headers.push(request.headers);
    giving({ access_token: renewed })(request, response);
  });
  renewals = renewalsAt(new URL(`${door.url}/auth/renew`));
});
afterEach(async () => {
  renewals.onApplicationShutdown();
  await door.close();
});

/** An answer waits for as long as a busy machine may need. */
const renewalsAt = (url: URL | undefined, patience = 20_000) => {
  const revocations = { check: () => revoked, isStale: () => stale } as unknown as Revocations;
  const clock = new AuthClock(() => time * 1000);
  return new RemoteRenewals(url, { renewAfter: 0.5 }, revocations, service, clock, () => monotonic, patience);
};
const ask = (token = old) =>
  renewals.renewIfDue(readToken(token) as unknown as AccessTokenClaims, { token, info: { requestId: 'r-1' } });

describe('renewals from the auth service', () => {
  it("are asked for with the bearer's own token and the request's id, and are good until their own end", async () => {
    expect(await ask()).toEqual({ accessToken: renewed, expiresIn: 1800 });
    expect(headers[0]).toMatchObject({ authorization: `Bearer ${old}`, 'x-request-id': 'r-1' });
    expect(door.seen[0]).toBe('POST /auth/renew');
  });

  it('are due by the rule of the service, and not asked for before', async () => {
    time = NOW + 899;
    expect([renewals.dueIn(claims), await ask()]).toEqual([1, undefined]);
    time = NOW + 7200;
    expect(renewals.dueIn({ ...claims, exp: NOW + 7200 })).toBeUndefined();
    expect(renewals.dueIn({ ...claims, renew_until: undefined })).toBeUndefined();
    expect(door.seen).toEqual([]);
  });

  it('never come where there is no renewUrl, or no bearer token to ask with', async () => {
    expect(renewalsAt(undefined).dueIn(claims)).toBeUndefined();
    expect(await renewals.renewIfDue(claims, {})).toBeUndefined();
    expect(door.seen).toEqual([]);
  });

  it('are one call for a hundred requests of a token, and for those that come later', async () => {
    const given = await Promise.all(Array.from({ length: 100 }, () => ask()));
    expect(given).toEqual(given.map(() => ({ accessToken: renewed, expiresIn: 1800 })));
    time += 60;
    expect(await ask()).toEqual({ accessToken: renewed, expiresIn: 1740 });
    expect(door.seen).toHaveLength(1);
  });

  it('are never handed to another token of the session, which may be older by a password', async () => {
    await ask();
    await ask(service.reissue(claims, NOW, NOW + 1800));
    expect(door.seen).toHaveLength(2);
  });

  it('are not asked for on stale knowledge, nor for what was revoked', async () => {
    stale = true;
    expect(await ask()).toBeUndefined();
    [stale, revoked] = [false, 'session_revoked'];
    expect(await ask()).toBeUndefined();
    expect(door.seen).toEqual([]);
  });

  it('are not passed on when the end of the session became known meanwhile', async () => {
    await ask();
    revoked = 'session_revoked';
    expect(await ask()).toBeUndefined();
  });

  it.each([
    ['another subject', { ...claims, sub: 'eve' }],
    ['another session', { ...claims, sid: 'another' }],
  ])('are not passed on when they are for %s', async (_whose, other) => {
    door.answer(giving({ access_token: service.reissue(other, NOW + 900, NOW + 2700) }));
    expect(await ask()).toBeUndefined();
  });

  it.each([
    ['garbage', giving({ access_token: 'a.b.c' })],
    ['no token', giving({})],
    ['null', giving(null)],
    ['503', giving({ code: 'temporarily_unavailable' }, 503)],
    ['409', giving({ code: 'renewal_exhausted' }, 409)],
    ['a redirect', movingFrom('/auth/renew', 307, giving({ access_token: renewed }))],
  ])('leave the answer as it is when the service gives %s, and are not asked for again at once', async (_what, by) => {
    door.answer(by);
    for (let time = 0; time < 5; time++) expect(await ask()).toBeUndefined();
    expect(door.seen).toHaveLength(1);
    monotonic += COOL_DOWN;
    door.answer(giving({ access_token: renewed }));
    expect(await ask()).toMatchObject({ accessToken: renewed });
  });

  it('leave a service in trouble alone for every caller; a refusal of one token says nothing about the next', async () => {
    const other = service.reissue(claims, NOW, NOW + 1800);
    door.answer(giving({}, 409));
    await ask();
    await ask(other);
    expect(door.seen).toHaveLength(2);
    monotonic += COOL_DOWN;
    door.shut();
    await ask();
    await ask(other);
    expect(door.seen).toHaveLength(3);
  });

  it('are not waited for when the service hangs; what comes late serves the next request', async () => {
    let release: () => void = () => undefined;
    door.answer((request, response) => {
      release = () => giving({ access_token: renewed })(request, response);
    });
    renewals = renewalsAt(new URL(`${door.url}/auth/renew`), 50);
    expect(await ask()).toBeUndefined();
    expect(await ask(service.reissue(claims, NOW, NOW + 1800))).toBeUndefined();
    await eventually(() => door.seen.length === 1);
    release();
    await eventually(async () => (await ask())?.accessToken === renewed);
    expect(door.seen).toHaveLength(1);
  });
});
