export type { ContractCase } from './contract-cases.js';
export { revocationFeedContract } from './revocation-feed.contract.js';
export type { FeedUnderTest } from './revocation-feed.contract.js';
export { TestClock } from './test-clock.js';
export { tokenRepositoryContract } from './token-repository.contract.js';
export type { StoreUnderTest } from './token-repository/store-under-test.js';
