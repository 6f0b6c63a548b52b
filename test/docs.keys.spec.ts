import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyRing, type KeyInfo } from '../src/index.js';
import { parseKeyRing } from '../src/internal.js';
import { runKeysCommand } from '../src/service/cli/keys-command.js';
import { readAuthPolicy } from '../src/service/config/command.config.js';

const [MINUTE, DAY] = [60_000, 86_400_000];
const [, section] = /^## Keys\n([\s\S]*?)^## /m.exec(readFileSync('docs/operations.md', 'utf8'))!;
const part = (title: string) => section!.split(/^### /m).find((text) => text.startsWith(title))!;
/** The commands of a part of the runbooks, in their order, without what is the same in all. */
const commandsOf = (text: string) => [...text.matchAll(/npm run -s keyturn -- keys (.*)/g)].map(([, args]) => args!);

let folder: string;
let file: string;
let now: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyturn-runbook-'));
  file = join(folder, 'keys.json');
  now = Date.parse('2026-03-01T12:00:00Z');
  await run('generate');
});
afterEach(() => rm(folder, { recursive: true }));

const run = (args: string) =>
  runKeysCommand(args.split(' '), { file, policy: readAuthPolicy({}), print: () => undefined, now: () => now });
const ring = async (): Promise<KeyRing> => parseKeyRing(await readFile(file, 'utf8'), 'ES256');
const keys = async (): Promise<KeyInfo[]> => (await ring()).list(now);
const states = async () => (await keys()).map(({ purpose, state }) => `${purpose} ${state}`);

/** The runbook's placeholders, for the keys that are there. */
async function named(commands: readonly string[]): Promise<string[]> {
  const [a, r] = await keys();
  return commands.map((args) => args.replace(/ a-[A-Z]+/, ` ${a!.kid}`).replace(/ r-[A-Z]+/, ` ${r!.kid}`));
}

describe('the runbooks of keys', () => {
  it('begin with a file that can be listed', async () => {
    const commands = commandsOf(section!.split(/^### /m)[0]!);
    expect(commands).toEqual(['generate --file keys.json', 'list --file keys.json']);
    const other = join(folder, 'other.json');
    for (const args of commands) await run(args.replace('keys.json', other));
  });

  it('rotate both keys, and take the old ones out when they are over', async () => {
    const [addAccess, addRefresh, retireAccess, retireRefresh, drop, ...more] = await named(
      commandsOf(part('Rotation')),
    );
    expect(more).toEqual([]);
    await run(addAccess!);
    await run(addRefresh!);
    await run(retireAccess!);
    await run(retireRefresh!);
    now += 15 * MINUTE;
    expect(await states()).toEqual(['access verifying', 'refresh verifying', 'access signing', 'refresh signing']);
    now += 31 * MINUTE;
    await run(drop!);
    expect(await states()).toEqual(['refresh verifying', 'access signing', 'refresh signing']);
    now += 90 * DAY;
    await run(drop!);
    expect(await states()).toEqual(['access signing', 'refresh signing']);
  });

  it('end a leaked access key at once', async () => {
    const [add, retire, drop, ...more] = await named(commandsOf(part('An access key has leaked')));
    expect(more).toEqual([]);
    await run(add!);
    await run(retire!);
    expect(await states()).toEqual(['access retired', 'refresh signing', 'access signing']);
    await run(drop!);
    expect(await states()).toEqual(['refresh signing', 'access signing']);
  });

  it('end a leaked refresh key when its successor has taken over, or as soon as it signs', async () => {
    const [add, later, soon, ...more] = await named(commandsOf(part('A refresh key has leaked')));
    expect(more).toEqual([]);
    await run(add!);
    await run(later!);
    now += 14 * DAY;
    expect(await states()).toEqual(['access signing', 'refresh retired', 'refresh signing']);
    now -= 14 * DAY;
    await run(soon!);
    now += 15 * MINUTE;
    expect(await states()).toEqual(['access signing', 'refresh retired', 'refresh signing']);
  });
});
