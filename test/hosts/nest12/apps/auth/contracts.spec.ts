import { InMemoryTokenRepository } from 'keyturn';
import { tokenRepositoryContract } from 'keyturn/testing';

describe('a store, by the contract of keyturn/testing in Vitest', () => {
  let now = Date.now();
  const repository = new InMemoryTokenRepository(() => now);
  const letPass = async (_sub: string, milliseconds: number): Promise<void> => void (now += milliseconds);
  for (const { name, run } of tokenRepositoryContract(() => ({ repository, letPass }))) it(name, run);

  it('has cases', () => expect(tokenRepositoryContract(() => ({ repository, letPass })).length).toBeGreaterThan(50));
});
