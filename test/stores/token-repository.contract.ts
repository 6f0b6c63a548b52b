import { advancingContract } from './contract/advancing.contract.js';
import { claimsContract } from './contract/claims.contract.js';
import { endingContract } from './contract/ending.contract.js';
import { extendingContract } from './contract/extending.contract.js';
import { generationContract } from './contract/generation.contract.js';
import { openingContract } from './contract/opening.contract.js';
import { readingContract } from './contract/reading.contract.js';
import type { StoreUnderTest } from './contract/store-under-test.js';
import { subjectsContract } from './contract/subjects.contract.js';

/** What {@link TokenRepository} promises, told once and asked of every store. */
export function tokenRepositoryContract(store: () => StoreUnderTest): void {
  openingContract(store);
  readingContract(store);
  advancingContract(store);
  extendingContract(store);
  endingContract(store);
  generationContract(store);
  claimsContract(store);
  subjectsContract(store);
}
