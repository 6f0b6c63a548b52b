import { policyReport, type AuthModuleOptions, type SessionMode, type PolicyReport } from '../src/index.js';
import { startLife, type Holder, type Life } from './support/policy-life.js';

// The report says what a policy means; here its users and thieves are let loose on the real services, and what comes
// out is compared. Nothing below knows the report's formulas.

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const VISITS = { steady: 5 * MINUTE, daily: DAY, monthly: 30 * DAY } as const;

type Given = readonly [strategy: SessionMode, options: Partial<AuthModuleOptions>];
const POLICIES: readonly Given[] = [
  ['access', {}],
  ['access', { accessTtl: '3d' }],
  ['access', { accessTtl: '45d' }],
  ['access-sliding', { absoluteTtl: '3d' }],
  ['access-sliding', { accessTtl: '36h', absoluteTtl: '7d' }],
  ['access-sliding', { accessTtl: '36h', absoluteTtl: '7d', sliding: { renewAfter: 0.9 } }],
  ['refresh', { accessTtl: '4h' }],
  ['refresh', { accessTtl: '2d', absoluteTtl: '5d' }],
  ['refresh-sliding', { accessTtl: '4h', absoluteTtl: '20d' }],
  ['refresh-sliding', { accessTtl: '1h', absoluteTtl: '10d', idleTtl: '20h', sliding: { slideLimit: '5h' } }],
  ['refresh-sliding', { accessTtl: '30m', idleTtl: '35d', sliding: { slideLimit: '0s' } }],
  [
    'refresh-sliding',
    { accessTtl: '30m', absoluteTtl: '3d', idleTtl: '90m', sliding: { slideLimit: '90m', extendSession: true } },
  ],
  ['refresh-sliding', { accessTtl: '10m', absoluteTtl: '1d', grace: '0s', sliding: { slideLimit: '10m' } }],
];

const named = ([strategy, options]: Given): string => `${strategy} ${JSON.stringify(options)}`;

let life: Life;
afterEach(() => life.close());

async function begin([strategy, options]: Given): Promise<PolicyReport['clients'][number]> {
  life = await startLife(strategy, options);
  return policyReport(life.policy).clients[0]!;
}

const wait = (milliseconds: number): void =>
  life.clock.advance(milliseconds % 1000 ? `${milliseconds}ms` : `${milliseconds / 1000}s`);

/** Lets everybody visit by turns, until `watched` can do nothing more, and says how long that took. */
async function usefulFor(watched: Holder, every: number, others: readonly Holder[] = []): Promise<number> {
  const started = life.clock.now();
  for (;;) {
    if (!(await watched.visit())) return life.clock.now() - started;
    for (const other of others) await other.visit();
    wait(every);
  }
}

describe.each(POLICIES.map((given) => [named(given), given] as const))('%s', (_, given) => {
  it.each(Object.entries(VISITS))('somebody who comes %s logs in as often as is said', async (who, every) => {
    const { logins } = await begin(given);
    const user = life.hold(await life.logIn());

    wait(every);
    expect((await usefulFor(user, every)) + every).toBe(logins[who as keyof typeof logins]);
  });

  it('a stolen access token is of use for as long as is said, whatever the thief does with it', async () => {
    const { theft } = await begin(given);
    const { accessToken, ...grant } = await life.logIn();
    const step = theft.accessToken / 200;

    const useful = await usefulFor(life.hold({ ...grant, accessToken, refreshToken: undefined }), step);
    expect(Math.abs(useful - theft.accessToken)).toBeLessThanOrEqual(step + 1000);
  });
});

describe.each(
  POLICIES.filter(([strategy]) => strategy.startsWith('refresh')).map((given) => [named(given), given] as const),
)('a thief of refresh tokens under %s', (_, given) => {
  it('has the session until its end, as is said, while the owner is away', async () => {
    const { theft } = await begin(given);
    const step = 10 * MINUTE;
    const thief = life.hold(await life.logIn());

    await thief.visit();
    expect(Math.abs((await usefulFor(thief, step)) - theft.refreshToken!.ownerAway)).toBeLessThanOrEqual(step);
  });

  it('is found out, as is said, by the next refresh of an owner at work', async () => {
    const { theft } = await begin(given);
    const stolen = await life.logIn();
    const thief = life.hold(await life.rotation.refresh(stolen.refreshToken!));
    const step = 10_000;

    const useful = await usefulFor(thief, step, [life.hold(stolen)]);
    expect(Math.abs(useful - theft.refreshToken!.ownerAtWork)).toBeLessThanOrEqual(step);
  });

  it('gets a successor for a used token for as long as is said, and then an alarm', async () => {
    const { theft } = await begin(given);
    const { refreshToken } = await life.logIn();
    await life.rotation.refresh(refreshToken!);

    wait(theft.previousRefreshToken!);
    if (theft.previousRefreshToken! > 0) await life.rotation.refresh(refreshToken!);
    wait(1);
    await expect(life.rotation.refresh(refreshToken!)).rejects.toMatchObject({ code: 'token_reused' });
  });

  it('asks the store as often as is said for somebody at work', async () => {
    const { storeOperationsPerThousandRequests: said } = await begin(given);
    const user = life.hold(await life.logIn());
    let requests = 0;
    const nextTurn = async (): Promise<void> => {
      for (const before = life.asked.store; life.asked.store === before; requests++) {
        wait(10_000);
        await user.visit();
      }
    };
    for (let turns = 0; turns < 5; turns++) await nextTurn();

    expect(Math.abs((life.asked.store / requests) * 1000 - said)).toBeLessThanOrEqual(0.1);
  });
});

it('a thief who refreshes within grace of the owner each time is never seen, and the report says so', async () => {
  const { theft } = await begin(['refresh', { accessTtl: '10s', grace: '60s', absoluteTtl: '1h' }]);
  const stolen = await life.logIn();
  const thief = life.hold(stolen);

  expect(
    Math.abs((await usefulFor(thief, 10_000, [life.hold(stolen)])) - theft.refreshToken!.ownerAtWork),
  ).toBeLessThanOrEqual(10_000);
  expect(policyReport(life.policy).findings).toContainEqual(
    expect.objectContaining({ level: 'dangerous', option: 'grace' }),
  );
});

it('the default asks nothing of its owner: it has no finding', async () => {
  await begin(['refresh-sliding', {}]);

  expect(policyReport(life.policy).findings).toEqual([]);
});
