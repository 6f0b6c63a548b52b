import type { OpenCommand, SessionRecord, TokenRepository } from '../../index.js';
import { login } from '../session-samples.js';

/** A store, for {@link tokenRepositoryContract}. */
export interface StoreUnderTest {
  /** The store that the cases are run on. */
  readonly repository: TokenRepository;
  /**
   * Lets time pass for what is stored of a subject, without waiting: by a clock of the test, or by setting back the times
   * that are stored.
   */
  readonly letPass: (sub: string, milliseconds: number) => Promise<void>;
}

/** What the chapters of the contract do with a store; it is there only once the tests run. */
export function reach(store: () => StoreUnderTest) {
  const repository = (): TokenRepository => store().repository;
  return {
    repository,
    opened: async (changes: Partial<OpenCommand> = {}): Promise<SessionRecord> => {
      const result = await repository().open(login(changes));
      if (result.outcome !== 'opened') throw new Error(`expected a session, got ${result.outcome}`);
      return result.record;
    },
    sidsOf: async (sub: string): Promise<string[]> => (await repository().list(sub)).sessions.map(({ sid }) => sid),
  };
}
