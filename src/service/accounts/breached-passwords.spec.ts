import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuthConfigError } from '../../index.js';
import { BreachedPasswords } from './breached-passwords.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyturn-breached-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex').toUpperCase();
let files = 0;
async function fileOf(text: string): Promise<string> {
  const path = join(folder, `list-${files++}.txt`);
  await writeFile(path, text);
  return path;
}
const openText = async (text: string) => BreachedPasswords.open(await fileOf(text));

/** The lines of a list as it is published, of so many passwords. */
const linesOf = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${sha1(`password ${n}`)}:${(n * 7919) % 100_000}`).toSorted();

describe('breached passwords', () => {
  it.each([1, 2, 40, 5_000])('are found in a list of %i, each of them, and no others', async (count) => {
    const list = await openText(`${linesOf(count).join('\r\n')}\r\n`);
    const step = Math.ceil(count / 500);
    for (let n = 0; n < count; n += step) expect(await list.has(`password ${n}`)).toBe(true);
    const lines = linesOf(count);
    const edges = [lines[0]!, lines.at(-1)!].map((line) => line.slice(0, 40));
    const names = Array.from({ length: count }, (_, n) => `password ${n}`).filter((name) => edges.includes(sha1(name)));
    for (const name of names) expect(await list.has(name)).toBe(true);
    for (let n = 0; n < 500; n++) expect(await list.has(`another ${n}`)).toBe(false);
    await list.close();
  });

  it('are found whether lines have counts, an end, capital letters, or not', async () => {
    const bare = linesOf(300).map((line) => line.slice(0, 40).toLowerCase());
    const list = await openText(bare.join('\n'));
    for (let n = 0; n < 300; n++) expect(await list.has(`password ${n}`)).toBe(true);
    expect(await list.has('another')).toBe(false);
    await list.close();
  });

  it('are looked up in the one spelling in which passwords are hashed', async () => {
    const list = await openText(`${sha1('caf\u00e9 au lait')}:3\n`);
    expect(await list.has('cafe\u0301 au lait')).toBe(true);
    await list.close();
  });

  const shuffled = linesOf(5_000).toSorted((a, b) => a.slice(41).localeCompare(b.slice(41)));
  it.each([
    ['is empty', '', /is empty/],
    ['has text', 'password\n123456\n', /has a line that is no SHA-1 hash in hexadecimal, at byte 0/],
    ['has hashes of another kind', `${'A'.repeat(32)}:4\n`, /no SHA-1 hash/],
    ['has one endless line', 'A'.repeat(100_000), /no SHA-1 hash/],
    ['is ordered by count', `${shuffled.join('\n')}\n`, /is not ordered by hash: see the line at byte \d+/],
    ['has a line twice', `${linesOf(1)[0]}\n${linesOf(1)[0]}\n`, /is not ordered by hash/],
    ['is torn in the middle', `${linesOf(50).join('\n').slice(0, 1_010)}\n`, /no SHA-1 hash/],
    ['is binary', '\0'.repeat(5_000), /no SHA-1 hash/],
  ])('are refused at the start from a file that %s', async (_why, text, sentence) => {
    const opened = openText(text);
    await expect(opened).rejects.toBeInstanceOf(AuthConfigError);
    await expect(opened).rejects.toThrow(sentence);
    await expect(opened).rejects.toMatchObject({ option: 'passwordBreached' });
  });

  it('are refused at the start from no file, and from a folder', async () => {
    await expect(BreachedPasswords.open(join(folder, 'none'))).rejects.toThrow(
      /names the file .*none, which cannot be read/,
    );
    await expect(BreachedPasswords.open(folder)).rejects.toThrow(/is no file/);
  });

  it('answer for the moment, and not for good, when the file cannot be read any more', async () => {
    const list = await openText(`${linesOf(10).join('\n')}\n`);
    await list.close();
    await expect(list.has('password 1')).rejects.toMatchObject({ code: 'temporarily_unavailable', retryAfter: 5 });
  });
});
