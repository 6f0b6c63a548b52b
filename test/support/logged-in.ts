import type { AuthEvent, AuthModuleOptions, TokenGrant } from '../../src/index.js';
import { readToken } from './adapters.js';
import { startLibrary, type Library } from './auth-library.js';

type WithStore = Pick<Library, 'store'>;

/** Ann has just logged in: her session and its first refresh token, no event told and no command counted yet. */
export async function logIn(options: Partial<AuthModuleOptions> = {}) {
  const library = await startLibrary(options);
  const first = await library.sessions.open({ sub: 'ann', generation: options.loadSubject && 0 });
  library.events.length = 0;
  library.repository.calls.length = 0;
  return { ...library, first, sid: first.sessionId, t0: first.refreshToken! };
}

export const seqOf = ({ refreshToken }: TokenGrant) => readToken(refreshToken!).seq;

export const types = (events: readonly AuthEvent[]) => events.map(({ type }) => type);

export const recordOf = async ({ store }: WithStore, sid: string) => (await store.find('ann', sid)).record;

/** Takes the store back in time, as a failover without the last writes does. */
export async function rollBack(
  { store }: WithStore,
  sid: string,
  to: { seq: number; idleEnd?: number },
): Promise<void> {
  const { sub, secretHash, generation, seq: expectSeq } = (await store.find('ann', sid)).record!;
  const older = { nextSeq: to.seq, attempt: 'older', idleTtl: null, healedIdleEnd: to.idleEnd ?? null, claimsAt: null };
  const { advanced } = await store.advance({ sub, sid, secretHash, generation, expectSeq, ...older });
  if (!advanced) throw new Error('the store did not go back');
}
