import type { AccessTokenClaims, AuthModuleOptions, SessionRecord, TokenGrant } from '../src/index.js';
import { Random } from './stores/differential/random.js';
import { readToken } from './support/adapters.js';
import { logIn } from './support/logged-in.js';

/** Random lives of a session, on the services as they ship. To run a failure again: SEED=… WALKS=1 npx jest test/session-walk */
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const WALKS = Number(process.env.WALKS ?? 60);
const STEPS = 60;

jest.setTimeout(30_000 + WALKS * 2_000);

const claimsOf = ({ accessToken }: TokenGrant) => readToken(accessToken) as unknown as AccessTokenClaims;

const policyOf = (random: Random): Partial<AuthModuleOptions> => {
  const [absolute, idle] = [random.of([1800, 7_200, 86_400]), random.of([300, 1_800, 7_200])];
  const idleTtl = Math.min(idle, absolute);
  return {
    absoluteTtl: `${absolute}s`,
    idleTtl: `${idleTtl}s`,
    accessTtl: `${random.of([10, 60, 300, 1_800])}s`,
    sliding: {
      renewAfter: random.of([0, 0.1, 0.5, 0.95]),
      extendSession: random.of([true, false]),
      slideLimit: `${random.of([0, Math.floor(idleTtl / 2), idleTtl])}s`,
    },
  };
};

const given = new Map<string, number>();

async function walk(seed: number): Promise<void> {
  const random = new Random(seed);
  const world = await logIn(policyOf(random));
  const { sessions, renewals, rotation, store, clock, revocations, first, sid } = world;
  await revocations.onModuleInit();
  const find = async () => (await store.find('ann', sid)).record;
  const opened = (await find())!;
  const trace: string[] = [];
  let [held, refreshToken] = [claimsOf(first), first.refreshToken!];
  let [before, ended]: [SessionRecord | null, boolean] = [opened, false];

  /** What holds of every access token, whatever it was given for. */
  const receive = (step: string, grant: TokenGrant, check: (claims: AccessTokenClaims) => object): void => {
    const claims = claimsOf(grant);
    given.set(step, (given.get(step) ?? 0) + 1);
    const now = Math.floor(clock.now() / 1000);
    expect({ trace, step, exp: claims.exp <= opened.absoluteEnd / 1000, ended }).toEqual({
      trace,
      step,
      exp: true,
      ended: false,
    });
    expect({ trace, step, ...claims }).toMatchObject({ trace, step, sid, sub: 'ann', iat: now, ...check(claims) });
    held = claims;
  };
  const slid = (old: AccessTokenClaims) => (claims: AccessTokenClaims) => {
    expect({ trace, later: claims.exp > old.exp, within: claims.exp <= old.renew_until! }).toEqual({
      trace,
      later: true,
      within: true,
    });
    return { auth_time: old.auth_time, amr: old.amr, renew_until: old.renew_until };
  };
  const steps: Record<string, () => Promise<unknown>> = {
    pass: async () => clock.advance(`${random.of([1, 7, 60, 400, 2_000])}s`),
    slide: async () => {
      const rule = { renewAfter: random.of([undefined, 0, 0.9]), extendSession: random.of([undefined, true, false]) };
      const grant = await renewals.renewIfDue(held, rule);
      if (grant) receive('slide', grant, slid(held));
    },
    renew: async () => receive('renew', await renewals.renew(held), slid(held)),
    refresh: async () => {
      const grant = await rotation.refresh(refreshToken);
      refreshToken = grant.refreshToken!;
      receive('refresh', grant, () => ({ auth_time: opened.authTime }));
    },
    reissue: async () => {
      const old = held;
      const now = Math.floor(clock.now() / 1000);
      receive('reissue', await sessions.reissue(held), () => ({ auth_time: now, renew_until: old.renew_until }));
    },
    end: async () => {
      await sessions.revoke('ann', sid);
      ended = true;
    },
  };
  const often = ['pass', 'pass', 'pass', 'slide', 'slide', 'slide', 'renew', 'refresh', 'reissue'];
  for (let step = 0; step < STEPS; step++) {
    const name = random.next() < 0.01 ? 'end' : random.of(often);
    trace.push(name);
    // A refusal is an answer like another; what must not be is checked on what was given, and on the record.
    await steps[name]!().catch((error: { code?: string }) => {
      if (error.code === undefined) throw error;
    });
    const after = await find();
    if (after) {
      expect({ trace, back: before === null }).toEqual({ trace, back: false });
      expect({ trace, earlier: after.idleEnd < before!.idleEnd }).toEqual({ trace, earlier: false });
      expect({ trace, beyond: after.idleEnd > after.absoluteEnd }).toEqual({ trace, beyond: false });
      const { authTime, absoluteEnd, createdAt } = opened;
      expect({ trace, ...after }).toMatchObject({ trace, authTime, absoluteEnd, createdAt });
    }
    before = after;
  }
}

/** The kinds of steps that were given often enough to show something. */
const enough = () => ['slide', 'renew', 'refresh', 'reissue'].filter((step) => (given.get(step) ?? 0) > 10);

describe('whatever is done with a session', () => {
  it(`no token outlives it, none slides past its reach, auth_time moves with the password alone (SEED=${SEED})`, async () => {
    // Chance gives few of one kind at times; then more walks follow.
    const most = WALKS > 50 ? 10 * WALKS : WALKS;
    for (let seed = SEED; seed < SEED + WALKS || (seed < SEED + most && enough().length < 4); seed++) {
      await walk(seed).catch((error: Error) => {
        error.message = `SEED=${seed} WALKS=1 shows: ${error.message}`;
        throw error;
      });
    }
    // A walk on which nothing is given would show nothing.
    if (WALKS > 50) expect(enough()).toHaveLength(4);
  });
});
