import { performance } from 'node:perf_hooks';
import { HashQueue } from './hash-queue.js';
import { ARGON2ID, PasswordHasher } from './passwords.js';

const passwords = new PasswordHasher(new HashQueue({ concurrency: 1 }));

describe('password hashing', () => {
  it('uses argon2id with at least what OWASP asks for, and a salt of its own each time', async () => {
    const [first, second] = [await passwords.hash('correct horse'), await passwords.hash('correct horse')];
    expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(first).not.toBe(second);
  });

  it('knows the right password from a wrong one, to the last of its characters', async () => {
    const long = 'x'.repeat(127);
    const hash = await passwords.hash(`${long}a`);
    expect(await passwords.verify(hash, `${long}a`)).toBe(true);
    // bcrypt reads 72 bytes and would take this one.
    expect(await passwords.verify(hash, `${long}b`)).toBe(false);
  });

  it('takes a password typed on another keyboard, which composes its accents differently', async () => {
    const [composed, decomposed] = ['caf\u00e9 au lait', 'cafe\u0301 au lait'];
    expect(await passwords.verify(await passwords.hash(composed), decomposed)).toBe(true);
    expect(await passwords.verify(await passwords.hash(decomposed), composed)).toBe(true);
  });

  it('keeps letter case and blanks apart', async () => {
    const hash = await passwords.hash('Correct Horse');
    expect(await passwords.verify(hash, 'correct horse')).toBe(false);
    expect(await passwords.verify(hash, 'Correct Horse ')).toBe(false);
  });

  it('finds no password for nobody', async () => {
    expect(await passwords.verifyNothing('')).toBe(false);
    expect(await passwords.verifyNothing('correct horse')).toBe(false);
  });

  it('takes as long for nobody as for somebody', async () => {
    const hash = await passwords.hash('correct horse');
    const time = async (work: () => Promise<unknown>) => {
      const start = performance.now();
      await work();
      return performance.now() - start;
    };
    const [nobody, somebody]: [number[], number[]] = [[], []];
    for (let round = 0; round < 20; round++) {
      nobody.push(await time(() => passwords.verifyNothing('wrong horse')));
      somebody.push(await time(() => passwords.verify(hash, 'wrong horse')));
    }
    // The shortest of each, which a busy machine lengthens least; half and double are one hash less or more.
    const ratio = Math.min(...nobody) / Math.min(...somebody);
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  });

  it('hashes once for nobody, from the first call on: a hash to compare with is not made on the way', async () => {
    const queue = new HashQueue();
    const jobs = jest.spyOn(queue, 'run');
    await new PasswordHasher(queue).verifyNothing('wrong horse');
    expect(jobs).toHaveBeenCalledTimes(1);
  });

  it('asks for a new hash when the parameters have risen, and only then', async () => {
    const hash = await passwords.hash('correct horse');
    const withCost = (cost: object) => new PasswordHasher(new HashQueue(), { ...ARGON2ID, ...cost });
    expect(passwords.needsRehash(hash)).toBe(false);
    expect(withCost({ memoryCost: 32_768 }).needsRehash(hash)).toBe(true);
    expect(withCost({ timeCost: 3 }).needsRehash(hash)).toBe(true);
    expect(withCost({ timeCost: 1 }).needsRehash(hash)).toBe(false);
    expect(passwords.needsRehash(hash.replace('argon2id', 'argon2i'))).toBe(true);
  });

  it('waits in the queue: a hash more than fits is refused, not computed', async () => {
    const narrow = new PasswordHasher(new HashQueue({ concurrency: 1, maxWaiting: 0 }));
    const first = narrow.hash('correct horse');
    await expect(narrow.verifyNothing('correct horse')).rejects.toMatchObject({ code: 'temporarily_unavailable' });
    await first;
  });
});
