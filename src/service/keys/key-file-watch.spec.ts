import { chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { generateKey, generateKeys, type KeyRing, type PrivateKey } from '../../index.js';
import { parseKeyRing } from '../../internal.js';
import { TestClock } from '../../testing/index.js';
import { KeyFileWatch } from './key-file-watch.js';
import { readServiceConfig } from '../config/service.config.js';

const clock = new TestClock(Date.parse('2026-03-01T12:00:00Z'));
const [access, refresh] = generateKeys().keys as [PrivateKey, PrivateKey];
const good = JSON.stringify({ keys: [access, refresh] });
const next = generateKey('access');

let folder: string;
let file: string;
let ring: KeyRing;
let watch: KeyFileWatch;
let told: string[];

beforeEach(async () => {
  told = [];
  for (const level of ['log', 'warn', 'error'] as const) {
    jest
      .spyOn(Logger.prototype, level)
      .mockImplementation((...said: unknown[]) => told.push(`${level}: ${String(said[0])}`));
  }
  folder = await mkdtemp(join(tmpdir(), 'keyturn-watch-'));
  file = join(folder, 'keys.json');
  await write(good);
  const config = readServiceConfig({ AUTH_KEYS_FILE: file });
  ring = parseKeyRing(good, 'ES256');
  watch = new KeyFileWatch(config, config.keys!, ring, clock.authClock);
});
afterEach(async () => {
  await watch.onModuleDestroy();
  jest.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const write = (content: string) => writeFile(file, content, { mode: 0o600 });
const kids = () => ring.list(clock.now()).map(({ kid }) => kid);
const setOf = (...keys: object[]) => JSON.stringify({ keys });

describe('the watch over the key file', () => {
  it('does nothing while the file is the same', async () => {
    await watch.look();
    await write(`${good}\n`);
    await watch.look();
    expect(told).toEqual([]);
  });

  it('takes a new file, and says which keys do what from when, and which are gone', async () => {
    await write(setOf(refresh, next, { ...generateKey('access'), kid: 'later', use_from: '2026-03-02T00:00:00Z' }));
    await watch.look();
    expect(kids()).toEqual([refresh.kid, next.kid, 'later']);
    expect(told).toEqual([
      `log: New keys of ${file}: ${refresh.kid}  refresh  HS256  signs; ${next.kid}  access  ES256  signs; ` +
        `later  access  ES256  verifies, signs from 2026-03-02T00:00:00Z; removed: ${access.kid}`,
    ]);
  });

  it.each([
    ['text that is cut off', good.slice(0, -5), /keys is not JSON/],
    ['nothing at all', '', /keys is not JSON/],
    ['no active access key', setOf({ ...next, use_from: '2026-03-02T00:00:00Z' }, refresh), /no access key is in use/],
    ['two keys with one kid', setOf(access, { ...next, kid: access.kid }, refresh), /same kid/],
    ['a weak key', setOf(access, { ...refresh, k: 'c2hvcnQ' }), /5 bytes; an oct key needs 32/],
  ])('refuses %s with one line that shows nothing of it, and goes on', async (_story, content, reason) => {
    await write(content);
    for (let time = 0; time < 3; time++) await watch.look();
    expect(kids()).toEqual([access.kid, refresh.kid]);
    expect(told).toEqual([expect.stringMatching(/^error: The keys in .* cannot be used: .* The keys of before stay/)]);
    expect(told[0]).toMatch(reason);
    for (const secret of [access.d, refresh.k, 'c2hvcnQ']) expect(told[0]).not.toContain(secret);
  });

  it('goes on without the file, says so once, and says so when it is back', async () => {
    await rename(file, `${file}.away`);
    for (let time = 0; time < 3; time++) await watch.look();
    expect(told).toEqual([expect.stringMatching(/^error: .*cannot be read \(ENOENT\)/)]);
    await rename(`${file}.away`, file);
    await watch.look();
    expect(told.slice(1)).toEqual([expect.stringMatching(/^log: New keys/)]);
    expect(kids()).toEqual([access.kid, refresh.kid]);
  });

  it('tells the same fault again when it comes again', async () => {
    for (const content of ['broken', good, 'broken']) {
      await write(content);
      await watch.look();
    }
    expect(told.map((line) => line.slice(0, line.indexOf(':')))).toEqual(['error', 'log', 'error']);
  });

  it('sees a mounted secret change, which is a link that is pointed elsewhere', async () => {
    for (const [version, content] of [
      ['one', good],
      ['two', setOf(next, refresh)],
    ] as const) {
      await mkdir(join(folder, version));
      await writeFile(join(folder, version, 'keys.json'), content, { mode: 0o600 });
    }
    const point = async (version: string) => {
      await symlink(version, join(folder, '..new'));
      await rename(join(folder, '..new'), join(folder, '..data'));
    };
    await point('one');
    await rm(file);
    await symlink(join('..data', 'keys.json'), file);
    await watch.look();
    expect(kids()).toEqual([access.kid, refresh.kid]);
    await point('two');
    await watch.look();
    expect(kids()).toEqual([next.kid, refresh.kid]);
  });

  it('warns when nobody will sign from some time on, and when everyone may read the file', async () => {
    await write(setOf({ ...access, retire_at: '2026-03-03T00:00:00Z' }, refresh));
    await chmod(file, 0o644);
    await watch.look();
    expect(told.slice(1)).toEqual([
      'warn: No access key signs from 2026-03-03T00:00:00.000Z on: add one before.',
      expect.stringMatching(/^warn: .*keys\.json is open to every user of this machine/),
    ]);
  });

  it('looks by itself from the start on, and no more after the stop', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    await watch.onApplicationBootstrap();
    expect(told).toEqual([expect.stringMatching(/^log: Keys of /)]);
    expect(jest.getTimerCount()).toBe(1);
    await write(setOf(next, refresh));
    jest.advanceTimersByTime(2_000);
    await watch.onModuleDestroy();
    jest.useRealTimers();
    expect(kids()).toEqual([next.kid, refresh.kid]);
  });
});
