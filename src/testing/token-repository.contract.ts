import { casesOf, type ContractCase } from './contract-cases.js';
import { advancing } from './token-repository/advancing.contract.js';
import { claims } from './token-repository/claims.contract.js';
import { ending } from './token-repository/ending.contract.js';
import { extending } from './token-repository/extending.contract.js';
import { generation } from './token-repository/generation.contract.js';
import { opening } from './token-repository/opening.contract.js';
import { reading } from './token-repository/reading.contract.js';
import type { StoreUnderTest } from './token-repository/store-under-test.js';
import { subjects } from './token-repository/subjects.contract.js';

/**
 * What `TokenRepository` promises, as test cases for a store of your own. Keyturn's stores run these very cases. They use
 * `node:assert` only, so each test runner can run them. Each case uses subjects of its own, so one store serves them all.
 *
 * @param store asked when a case runs, so a test may start what it needs before
 * @example
 * ```ts
 * let now = Date.now();
 * const repository = new InMemoryTokenRepository(() => now);
 *
 * describe('my store', () => {
 *   const cases = tokenRepositoryContract(() => ({
 *     repository,
 *     letPass: async (_sub, milliseconds) => void (now += milliseconds),
 *   }));
 *   for (const { name, run } of cases) it(name, run);
 * });
 * ```
 */
export function tokenRepositoryContract(store: () => StoreUnderTest): readonly ContractCase[] {
  return casesOf((writer) => {
    for (const chapter of [opening, reading, advancing, extending, ending, generation, claims, subjects]) {
      chapter(writer, store);
    }
  });
}
