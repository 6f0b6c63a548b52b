import {
  AuthError,
  AuthEvents,
  InMemoryTokenRepository,
  TokenRepository,
  type AuthModuleOptions,
  type TokenGrant,
} from '../../src/index.js';
import { RedisTokenRepository } from '../../src/stores/redis/redis-token.repository.js';
import { InProcessRevocationFeed } from '../../src/stores/memory/in-process-revocation-feed.js';
import { readToken } from '../support/adapters.js';
import { codeOf, storeOf, startInstance } from '../support/auth-library.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';

const STEPS = ['open', 'list', 'find', 'advance', 'end', 'endBelow', 'raiseGeneration', 'generationOf', 'publish'];

/** A line to store and feed that fails once, at a step that is chosen: before it runs, or with its answer lost. */
class WeakLine {
  private stepsLeft = Infinity;
  private when: 'before' | 'after' = 'before';

  arm(step: number, when: 'before' | 'after'): void {
    [this.stepsLeft, this.when] = [step, when];
  }

  /** @returns whether it had failed */
  mend(): boolean {
    const failed = this.stepsLeft < 0;
    this.stepsLeft = Infinity;
    return failed;
  }

  to<T extends object>(target: T): T {
    const get = (_: T, name: string | symbol): unknown => {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      const run = (...given: unknown[]): unknown => member.apply(target, given);
      return STEPS.includes(String(name)) ? (...given: unknown[]) => this.carry(() => run(...given)) : run;
    };
    return new Proxy(target, { get });
  }

  private async carry(run: () => unknown): Promise<unknown> {
    const fails = this.stepsLeft-- === 0;
    const result = fails && this.when === 'before' ? undefined : await run();
    if (fails) throw new AuthError('store_unavailable', 'The line failed.', { retryAfter: 1 });
    return result;
  }
}

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const STORES = {
  'in memory': () => new InMemoryTokenRepository(),
  'in Redis': () => new RedisTokenRepository(redis.client, { keyPrefix: 'kt:', commandTimeout: 5_000 }),
};

async function start(where: keyof typeof STORES, options: Partial<AuthModuleOptions> = {}) {
  const store = STORES[where]();
  const line = new WeakLine();
  const started = await startInstance({
    store: storeOf(line.to<TokenRepository>(store), line.to(new InProcessRevocationFeed())),
    ...options,
  });
  const alarms: string[] = [];
  started.module.get(AuthEvents).listen((event) => event.type === 'token.reused' && alarms.push(event.sid));
  const refuses = (grant: TokenGrant): boolean => started.guard(grant) !== null;
  const isGone = async ({ accessToken, sessionId }: TokenGrant): Promise<boolean> =>
    (await store.find(readToken(accessToken).sub as string, sessionId)).record === null;
  return { ...started, line, refuses, isGone, alarms };
}

type Library = Awaited<ReturnType<typeof start>>;

/** Who is logged in, and whom the call should have ended when it is through. */
interface Scene {
  readonly call: () => Promise<unknown>;
  readonly ended: readonly TokenGrant[];
  readonly kept?: readonly TokenGrant[];
  /** Whether the caller is let in to repeat it. */
  readonly admitted?: () => boolean;
}

let subjects = 0;
async function logIn({ sessions }: Library, count: number): Promise<{ sub: string; grants: TokenGrant[] }> {
  const sub = `user-${++subjects}`;
  const grants: TokenGrant[] = [];
  for (let device = 0; device < count; device++) grants.push(await sessions.open({ sub }));
  return { sub, grants };
}

/** A token two steps old, which no grace covers. */
async function reuse(library: Library, others: number): Promise<Scene> {
  const { grants } = await logIn(library, 1 + others);
  const [first] = grants as [TokenGrant];
  const second = await library.rotation.refresh(first.refreshToken!);
  const third = await library.rotation.refresh(second.refreshToken!);
  const call = async (): Promise<void> => {
    const code = await codeOf(library.rotation.refresh(first.refreshToken!));
    if (code !== 'token_reused') throw new AuthError(code as 'store_unavailable', 'not ended');
  };
  return { call, ended: [first, second, third, ...grants.slice(1)] };
}

const SCENES: Record<string, [options: Partial<AuthModuleOptions>, scene: (library: Library) => Promise<Scene>]> = {
  'a logout': [
    {},
    async (library) => {
      const { sub, grants } = await logIn(library, 1);
      return { ended: grants, call: () => library.sessions.revoke(sub, grants[0]!.sessionId) };
    },
  ],
  'a logout of the other devices': [
    {},
    async (library) => {
      const { sub, grants } = await logIn(library, 3);
      const [here, ...others] = grants as [TokenGrant, ...TokenGrant[]];
      return { ended: others, kept: [here], call: () => library.sessions.revokeOthers(sub, here.sessionId) };
    },
  ],
  'a logout everywhere, one by one': [
    {},
    async (library) => {
      const { sub, grants } = await logIn(library, 3);
      return { ended: grants, call: () => library.endings.endAll(sub, 'session_revoked') };
    },
  ],
  'a logout everywhere by one of the sessions': [
    {},
    async (library) => {
      const { sub, grants } = await logIn(library, 3);
      const [here] = grants as [TokenGrant];
      const call = () => library.endings.endAll(sub, 'session_revoked', {}, here.sessionId);
      return { ended: grants, call, admitted: () => !library.refuses(here) };
    },
  ],
  'a raised generation': [
    {},
    async (library) => {
      const { sub, grants } = await logIn(library, 3);
      return { ended: grants, call: () => library.sessions.revokeAll(sub) };
    },
  ],
  'a login that needs room': [
    { maxSessionsPerSubject: 1 },
    async (library) => {
      const { sub, grants } = await logIn(library, 1);
      return { ended: grants, call: () => library.sessions.open({ sub }) };
    },
  ],
  'a reuse': [{ grace: '0s' }, (library) => reuse(library, 0)],
  'a reuse that ends all of the subject': [{ grace: '0s', onReuse: 'subject' }, (library) => reuse(library, 2)],
};

describe.each(Object.keys(STORES) as (keyof typeof STORES)[])('what was cut off anywhere, sessions %s', (where) => {
  describe.each(Object.entries(SCENES))('%s', (name, [options, set]) => {
    it.each(['before', 'after'] as const)('is whole when it is asked again: step failed %s it ran', async (when) => {
      const library = await start(where, options);
      let step = 0;
      for (; ; step++) {
        const { call, ended, kept = [], admitted = () => true } = await set(library);
        library.alarms.length = 0;
        library.line.arm(step, when);
        const first = await codeOf(call());
        if (!library.line.mend()) break;
        const again = admitted() ? await codeOf(call()) : 'none';
        const living = async (grants: readonly TokenGrant[]): Promise<number> => {
          const alive = await Promise.all(
            grants.map(async (grant) => !library.refuses(grant) || !(await library.isGone(grant))),
          );
          return alive.filter(Boolean).length;
        };
        expect({
          step,
          first,
          again,
          alive: await living(ended),
          kept: await living(kept),
          alarms: library.alarms.length,
        }).toEqual({
          step,
          first: 'store_unavailable',
          again: 'none',
          alive: 0,
          kept: kept.length,
          alarms: name.includes('reuse') ? 1 : 0,
        });
      }
      // Removed and announced, at least.
      expect(step).toBeGreaterThanOrEqual(2);
      await library.close();
    });
  });
});
