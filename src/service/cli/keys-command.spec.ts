import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuthConfigError, generateKeys } from '../../index.js';
import { type Jwk, parseKeyRing } from '../../internal.js';
import { runKeysCommand } from './keys-command.js';
import { readAuthPolicy } from '../config/command.config.js';
import { UsageError } from '../arguments/usage-error.js';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const [MINUTE, DAY] = [60_000, 86_400_000];

let folder: string;
let file: string;
let now: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyturn-keys-'));
  [file, now] = [join(folder, 'keys.json'), NOW];
});
afterEach(() => rm(folder, { recursive: true }));

async function run(args: string, env: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const printed: string[] = [];
  const print = (line: string) => void printed.push(line);
  await runKeysCommand(args.split(' ').filter(Boolean), { file, policy: readAuthPolicy(env), print, now: () => now });
  return printed;
}
const content = () => readFile(file, 'utf8');
const jwks = async () => (JSON.parse(await content()) as { keys: (Jwk & Record<string, string>)[] }).keys;
const kidsOf = async () => (await jwks()).map(({ kid }) => kid!);

async function refused(
  args: string,
  sentence: RegExp,
  kind: new (...args: never[]) => Error = AuthConfigError,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const before = await content().catch(() => null);
  const error = await run(args, env).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(kind);
  expect((error as Error).message).toMatch(sentence);
  expect(await content().catch(() => null)).toBe(before);
}

describe('keyturn keys', () => {
  it('makes a file for its owner alone, which a service can start with', async () => {
    const lines = await run('generate --algorithm RS256');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const ring = parseKeyRing(await content(), 'RS256');
    expect([ring.active('access', NOW).alg, ring.active('refresh', NOW).alg]).toEqual(['RS256', 'HS256']);
    expect(lines).toHaveLength(2);
  });

  it('makes none where there is one: its keys may have signed tokens', async () => {
    await run('generate');
    await refused('generate', /there is a file .* already/);
    expect(await readdir(folder)).toEqual(['keys.json']);
  });

  it('says what each key is for and does, and prints nothing that is secret', async () => {
    await run('generate');
    const [a, r] = await kidsOf();
    const lines = await run('add --purpose access --use-from 1h');
    const [, , next] = await kidsOf();
    expect(lines).toEqual([
      `${a}  access  ES256  signs`,
      `${r}  refresh  HS256  signs`,
      `${next}  access  ES256  verifies, signs from 2026-03-01T13:00:00Z`,
    ]);
    const secrets = (await jwks()).flatMap(({ d, k }) => [d, k]).filter((secret) => secret !== undefined);
    expect(secrets).toHaveLength(3);
    for (const secret of secrets) expect(lines.join()).not.toContain(secret);
    now += 2 * 60 * MINUTE;
    expect((await run('list'))[0]).toBe(`${a}  access  ES256  verifies`);
  });

  it('lets a new key sign in 15 minutes, when every instance and every reader of the JWKS has it', async () => {
    await run('generate');
    await run('add --purpose refresh');
    expect((await jwks())[2]).toMatchObject({ purpose: 'refresh', use_from: '2026-03-01T12:15:00Z' });
  });

  it.each([
    ['access', {}, 30 * MINUTE],
    ['access', { ACCESS_TTL: '5m' }, 5 * MINUTE],
    ['refresh', {}, 90 * DAY],
    ['refresh', { SESSION_ABSOLUTE: '20d' }, 20 * DAY],
  ])('ends a %s key when the last token it signed has run out, with %j', async (purpose, env, life) => {
    await run('generate');
    const [a, r] = await kidsOf();
    const old = purpose === 'access' ? a : r;
    await run(`add --purpose ${purpose} --use-from 1h`);
    await run(`retire ${old}`, env);
    const key = (await jwks()).find(({ kid }) => kid === old)!;
    expect(Date.parse(key.retire_at!)).toBe(NOW + 60 * MINUTE + life + MINUTE);
  });

  it('ends a key that stopped signing before, a token life from now', async () => {
    await run('generate');
    const [old] = await kidsOf();
    await run('add --purpose access --use-from now');
    now += DAY;
    await run(`retire ${old}`);
    expect(Date.parse((await jwks())[0]!.retire_at!)).toBe(now + 31 * MINUTE);
  });

  it('ends a key at once where it must be, and takes it out', async () => {
    await run('generate');
    const [leaked, r] = await kidsOf();
    await run('add --purpose access --use-from now');
    const lines = await run(`retire ${leaked} --at now`);
    expect(lines[0]).toBe(`${leaked}  access  ES256  retired since 2026-03-01T12:00:00Z`);
    await run('drop');
    expect(await kidsOf()).toEqual([r, expect.any(String)]);
    await refused('drop', /no key .* is retired/);
  });

  it('keeps a retired key that old cookies still bear, as long as a session with cookies can be unused', async () => {
    const env = { AUTH_CLIENTS: '{"web":{"transport":"cookie","idleTtl":"3d"}}' };
    await run('generate');
    const [old, r] = await kidsOf();
    await run('add --purpose access --use-from now');
    await run(`retire ${old} --at now`);
    now += 3 * DAY - MINUTE;
    await refused('drop', /no key .* is retired for 3d/, AuthConfigError, env);
    now += MINUTE;
    await run('drop', env);
    expect(await kidsOf()).toEqual([r, expect.any(String)]);
  });

  it('takes back a key that has not signed yet', async () => {
    await run('generate');
    await run('add --purpose access');
    const [, , coming] = await kidsOf();
    const lines = await run(`retire ${coming} --at now`);
    expect(lines[2]).toMatch(/retired since/);
  });

  it('ends no key without which nobody signs, now or later', async () => {
    await run('generate');
    const [a, r] = await kidsOf();
    await refused(`retire ${a}`, /then no access key would sign;.*keys add --purpose access/);
    await refused(`retire ${r} --at now`, /then no refresh key would sign from 2026-03-01T12:00:00Z on/);
    await run('add --purpose access --use-from 1h');
    await refused(`retire ${a} --at 30m`, /would sign from 2026-03-01T12:30:00Z on/);
    await run(`retire ${a} --at 1h`);
  });

  it('keeps what it does not know, and a file that is a link or readable by a group', async () => {
    const target = join(folder, 'secret.json');
    const [access, refresh] = generateKeys().keys;
    await writeFile(target, JSON.stringify({ note: 'ours', keys: [{ ...access, use: 'sig' }, refresh] }));
    await chmod(target, 0o644);
    await symlink(target, file);
    await run('add --purpose access');
    expect(JSON.parse(await readFile(target, 'utf8'))).toMatchObject({ note: 'ours', keys: [{ use: 'sig' }, {}, {}] });
    expect((await stat(target)).mode & 0o777).toBe(0o640);
    expect((await readdir(folder)).toSorted()).toEqual(['keys.json', 'secret.json']);
  });

  it('writes nothing over what someone else has written meanwhile', async () => {
    await run('generate');
    const kids = await kidsOf();
    const other = run('add --purpose refresh');
    const results = await Promise.allSettled([other, run('add --purpose refresh'), run('add --purpose refresh')]);
    const done = results.filter(({ status }) => status === 'fulfilled').length;
    expect(done).toBeGreaterThan(0);
    expect(await kidsOf()).toHaveLength(kids.length + done);
  });

  it.each([
    ['', /Which command of keys/],
    ['rotate', /keys has no command 'rotate'; it has generate, list/],
    ['add', /Give --purpose access or --purpose refresh/],
    ['add --purpose signing', /Give --purpose/],
    ['add --purpose access --algorithm none', /--algorithm must be one of ES256/],
    ['add --purpose access --use-from soon', /--use-from must be now, a time from now such as 10m/],
    ['add --purpose access --use-from 2026-02-28T12:00:00Z', /which is over/],
    ['add --purpose access --at 1h', /--at has no place here/],
    ['retire', /needs the kid of a key/],
    ['retire a b', /unexpected argument 'b'/],
    ['list a', /unexpected argument 'a'/],
    ['list --secret', /--secret/],
  ])('%j is no command', async (args, sentence) => {
    await run('generate');
    await refused(args, sentence, UsageError);
  });

  it('says what is wrong with a file, and changes nothing of it', async () => {
    await refused('list', /cannot be read \(ENOENT\)/);
    await writeFile(file, '{"keys":');
    await refused('add --purpose access', /keys is not JSON/);
    await run('generate').catch(() => undefined);
    await refused('retire nobody', /keys is not JSON/);
  });

  it('says so when there is no such key', async () => {
    await run('generate');
    await refused('retire nobody', /there is no key 'nobody'/);
  });
});
