import { setTimeout as sleep } from 'node:timers/promises';
import type { PublishedRevocation, Revocation, RevocationFeed } from '../index.js';
import { holds, ok, same } from './assertions.js';
import { casesOf, type ContractCase } from './contract-cases.js';
import { HOSTILE_SUBJECTS, randomSid, randomSubject } from './session-samples.js';

/** A feed, for {@link revocationFeedContract}. */
export interface FeedUnderTest {
  /**
   * The feed as one more instance of the application has it. Of a feed within one process this is the same object each
   * time.
   */
  readonly connect: () => Promise<RevocationFeed>;
  /** Ends what {@link connect} gave. */
  readonly disconnect?: (feed: RevocationFeed) => Promise<void>;
  /** Makes the feed forget all entries, as an older backup would: needed with `canForget`. */
  readonly forget?: () => Promise<void>;
}

const RETENTION = 60_000;
const MAX_STALENESS = 5_000;
/** Milliseconds for what must come about by itself: generous, since a test machine may be busy. */
const PATIENCE = 20_000;

/**
 * What `RevocationFeed` promises, as test cases for a feed of your own. Keyturn's feeds run these very cases. They use
 * `node:assert` only, so each test runner can run them. Each case uses subjects of its own.
 *
 * @param feed asked when a case runs, so a test may start what it needs before
 * @param options `canForget`: whether the entries are kept outside of the process, where they can be lost; then what
 *   instances hold must come back, and `forget` must be given
 * @example
 * ```ts
 * describe('my feed', () => {
 *   const cases = revocationFeedContract(() => ({ connect: async () => new MyFeed() }));
 *   for (const { name, run } of cases) it(name, run);
 * });
 * ```
 */
export function revocationFeedContract(
  feed: () => FeedUnderTest,
  { canForget = false }: { readonly canForget?: boolean } = {},
): readonly ContractCase[] {
  const withInstances =
    (run: (instance: () => Promise<Instance>) => Promise<void>): (() => Promise<void>) =>
    async () => {
      const { connect, disconnect } = feed();
      const opened: RevocationFeed[] = [];
      try {
        await run(async () => {
          const connected = await connect();
          opened.push(connected);
          return subscribed(connected);
        });
      } finally {
        for (const one of opened) await disconnect?.(one);
      }
    };

  return casesOf(({ describe, it }) => {
    describe('publish', () => {
      it(
        'has told its own instance when it resolves',
        withInstances(async (instance) => {
          const here = await instance();
          const entry = ended(randomSubject());

          await here.feed.publish([entry]);

          holds(here.of(entry.sub)[0], entry);
        }),
      );

      it(
        'tells every other instance',
        withInstances(async (instance) => {
          const [here, there] = [await instance(), await instance()];
          const entry = ended(randomSubject());

          await here.feed.publish([entry]);

          await until(() => there.of(entry.sub).length > 0);
          holds(there.of(entry.sub)[0], entry);
        }),
      );

      it(
        'dates entries by the time of the feed, the same for every instance',
        withInstances(async (instance) => {
          const [here, there] = [await instance(), await instance()];
          const entry = ended(randomSubject());
          const before = await here.feed.time();

          await here.feed.publish([entry]);

          await until(() => there.of(entry.sub).length > 0);
          const { at } = there.of(entry.sub)[0]!;
          ok(at >= before && at <= (await there.feed.time()));
          same(here.of(entry.sub)[0]!.at, at);
        }),
      );

      it(
        'carries each kind as it is, and the time that a change of claims names',
        withInstances(async (instance) => {
          const [here, there] = [await instance(), await instance()];
          const sub = randomSubject();
          const entries: Revocation[] = [
            ended(sub),
            { kind: 'generation', sub, generation: Date.UTC(9999, 11, 31), reason: 'token_reused' },
            { kind: 'claims', sub, at: (await here.feed.time()) - 1 },
            { kind: 'claims', sub, sid: randomSid() },
          ];

          await here.feed.publish(entries);

          await until(() => there.of(sub).length >= entries.length);
          for (const entry of entries) ok(there.of(sub).some((known) => isThatOf(known, entry)));
        }),
      );

      it(
        'keeps subjects of any spelling apart',
        withInstances(async (instance) => {
          const [here, there] = [await instance(), await instance()];
          const mark = randomSubject();
          const entries = HOSTILE_SUBJECTS.map(([, sub]) => ended(`${mark}${sub}`));

          await here.feed.publish(entries);

          await until(() => entries.every(({ sub }) => there.of(sub).length > 0));
          for (const entry of entries) holds(there.of(entry.sub)[0], entry);
        }),
      );

      it(
        'may come twice, and of nothing tells nothing',
        withInstances(async (instance) => {
          const here = await instance();
          const entry = ended(randomSubject());
          await here.feed.publish([]);
          await here.feed.publish([entry]);

          await here.feed.publish([entry]);

          for (const known of here.of(entry.sub)) holds(known, entry);
        }),
      );
    });

    describe('subscribe', () => {
      it(
        'has told of all that is kept when it resolves',
        withInstances(async (instance) => {
          const here = await instance();
          const sub = randomSubject();
          await here.feed.publish(Array.from({ length: 2_500 }, () => ended(sub)));

          const late = await instance();

          same(new Set(late.of(sub).map((entry) => 'sid' in entry && entry.sid)).size, 2_500);
        }),
      );

      it(
        'makes the knowledge fresh, and so it stays while the feed can be read',
        withInstances(async (instance) => {
          const { feed: own } = await instance();

          ok(own.staleness() <= MAX_STALENESS);
          await sleep(50);
          ok(own.staleness() <= MAX_STALENESS);
        }),
      );
    });

    if (canForget) {
      const instancesOutliveEntries = withInstances(async (instance) => {
        const here = await instance();
        const entry = ended(randomSubject());
        await here.feed.publish([entry]);
        const { at } = here.of(entry.sub)[0]!;

        await feed().forget!();

        await until(() => here.lost.some(({ sub }) => sub === entry.sub));
        await until(async () => (await instance()).of(entry.sub).some((known) => known.at === at));
      });
      it('publish repeats, with its time, what the feed has lost and instances hold', instancesOutliveEntries);
    }
  });
}

interface Instance {
  readonly feed: RevocationFeed;
  readonly lost: readonly PublishedRevocation[];
  /** What it knows of a subject. */
  of(sub: string): readonly PublishedRevocation[];
}

async function subscribed(feed: RevocationFeed): Promise<Instance> {
  const known: PublishedRevocation[] = [];
  const lost: PublishedRevocation[] = [];
  await feed.subscribe({
    retention: RETENTION,
    maxStaleness: MAX_STALENESS,
    receive: (entries) => void known.push(...entries),
    held: () => known,
    lost: async (entries) => void lost.push(...entries),
  });
  return { feed, lost, of: (sub) => known.filter((entry) => entry.sub === sub) };
}

const ended = (sub: string): Revocation => ({ kind: 'session', sub, sid: randomSid(), reason: 'session_revoked' });

/** Whether an entry is the publication of a revocation. */
const isThatOf = (known: PublishedRevocation, revocation: Revocation): boolean =>
  Object.entries(revocation).every(([name, value]) => known[name as keyof PublishedRevocation] === value);

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE; !(await condition()); await sleep(20)) {
    ok(Date.now() < end, `not within ${PATIENCE / 1000} s`);
  }
}
