import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { transformFile } from '@swc/core';
import { AuthConfigError } from '../../index.js';
import { openDataFolder } from './data-folder.js';
import { currentKernel } from './folder-claim.js';
import { lockFolder } from './folder-lock.js';

// What is tested here happens between processes, so the sources are compiled for children that plain Node runs.
const SOURCES = [
  'auth.error-codes',
  'auth.errors',
  ...['data-folder', 'folder-claim', 'folder-lock', 'make-folder'].map((name) => `service/data-folder/${name}`),
];
const CHILD = `
import { openDataFolder } from './service/data-folder/data-folder.js';
import { lockFolder } from './service/data-folder/folder-lock.js';
const [folder, times] = process.argv.slice(2);
const open = () => (times ? lockFolder(folder, ({ message }) => process.send(message), JSON.parse(times)) : openDataFolder(folder));
open().then(
  (held) => {
    process.send('held');
    process.on('message', () => held.release().then(() => process.exit(0)));
  },
  (error) => process.send(error.message, () => process.exit(1)),
);`;

let place: string;
let folder: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'keyturn-'));
  for (const source of SOURCES) {
    const from = join(__dirname, '../..', `${source}.ts`);
    const { code } = await transformFile(from, {
      swcrc: false,
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    });
    await mkdir(dirname(join(place, source)), { recursive: true });
    await writeFile(join(place, `${source}.js`), code);
  }
  await writeFile(join(place, 'index.js'), `export * from './auth.errors.js';`);
  await writeFile(join(place, 'package.json'), '{ "type": "module" }');
  await writeFile(join(place, 'child.js'), CHILD);
  // An AuthError is an exception of Nest.
  await symlink(join(__dirname, '../../../node_modules'), join(place, 'node_modules'));
});
beforeEach(async () => {
  folder = await mkdtemp(join(place, 'data-'));
});
afterEach(async () => {
  await Promise.all(children.splice(0).map(kill));
});
afterAll(() => rm(place, { recursive: true, force: true }));

/** Starts a process that opens the folder, as another user where one is given; the answer is `held`, or why not. */
async function start(times?: object, uid?: number): Promise<{ child: ChildProcess; answer: string }> {
  const options = { silent: true, uid, gid: uid };
  const child = fork(join(place, 'child.js'), [folder, ...(times ? [JSON.stringify(times)] : [])], options);
  children.push(child);
  const gone = new AbortController();
  child.once('exit', () => gone.abort());
  const [answer] = (await once(child, 'message', { signal: gone.signal })) as [string];
  return { child, answer };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Nobody takes a folder over here; if it happens, the test fails by what it expects. */
const keepIt = () => undefined;

const claims = async () => (await readdir(folder)).filter((name) => name.startsWith('lock.'));

describe('a data folder', () => {
  it('is made for its owner alone: keys and password hashes lie in it', async () => {
    const opened = await openDataFolder(join(folder, 'new', 'data'));
    expect((await stat(opened.path)).mode & 0o777).toBe(0o700);
    await opened.release();
  });

  it('that others could read is closed to them, because PGlite makes its files readable for everybody', async () => {
    await chmod(folder, 0o755);
    const opened = await openDataFolder(folder);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    await opened.release();
  });

  it("refuses a folder with somebody else's files, and leaves its mode alone", async () => {
    await chmod(folder, 0o755);
    await writeFile(join(folder, 'letter.txt'), '');
    await expect(openDataFolder(folder)).rejects.toThrow(/^DATA_DIR .* holds other files \(letter\.txt\)/);
    expect((await stat(folder)).mode & 0o777).toBe(0o755);
  });

  it('takes a new volume, and its own folder with something beside', async () => {
    await mkdir(join(folder, 'lost+found'));
    await (await openDataFolder(folder)).release();
    await writeFile(join(folder, 'keys.json'), '{}');
    await writeFile(join(folder, 'notes.txt'), '');
    await (await openDataFolder(folder)).release();
  });

  it('that is a file is refused in words', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(openDataFolder(file)).rejects.toThrow(
      `DATA_DIR ${file} cannot be used: it is a file, and not a folder`,
    );
  });

  it.each([
    ['in a place that takes no folders, where Node would try for ever', () => '/proc/keyturn/data'],
    [
      'behind a link that leads nowhere, as to a disk that is not mounted',
      async () => {
        await symlink(join(folder, 'not-there'), join(folder, 'link'));
        return join(folder, 'link');
      },
    ],
  ])('%s is refused in words', async (_, place) => {
    const path = await place();
    await expect(openDataFolder(path)).rejects.toThrow(`DATA_DIR ${path} cannot be used: `);
  });

  const asRoot = process.getuid?.() === 0 ? it : it.skip;
  const NOBODY = 65_534;

  asRoot(
    'that root made is no folder for another user, as a new volume of a container, and no mode helps',
    async () => {
      await chmod(place, 0o755);
      await chmod(folder, 0o755);
      const { answer } = await start(undefined, NOBODY);
      expect(answer).toBe(`DATA_DIR ${folder} cannot be used: this user may not write there`);
    },
  );

  asRoot(
    'that a group may write to, as a volume in Kubernetes, is refused with the way out: a folder in it',
    async () => {
      await chmod(place, 0o755);
      await chown(folder, 0, NOBODY);
      await chmod(folder, 0o2775);
      const { answer } = await start(undefined, NOBODY);
      expect(answer).toContain('is open to other users');
      expect(answer).toContain(`give a folder in it, such as ${join(folder, 'keyturn')}`);
    },
  );

  it('refuses a second process in one sentence, which says what to do', async () => {
    await start();
    const { answer } = await start();
    expect(answer).toBe(
      `DATA_DIR ${folder} is in use by another process: stop that one, choose another folder, or set DATABASE_URL.`,
    );
  });

  it('refuses the same process a second time, since two databases in it would collide as well', async () => {
    const first = await openDataFolder(folder);
    await expect(openDataFolder(folder)).rejects.toThrow(AuthConfigError);
    await first.release();
  });

  it('is free again when it is released, and nothing is left in it', async () => {
    const { child } = await start();
    child.send('release');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await readdir(folder)).toEqual([]);
    expect((await start()).answer).toBe('held');
  });

  it('is free at once after kill -9: no wait for a lock to grow old', async () => {
    await kill((await start()).child);
    expect(await claims()).toHaveLength(1);
    await (await lockFolder(folder, keepIt, { patience: 0 })).release();
  });

  it('stays with a process that was stopped and not killed, which will go on writing when it wakes', async () => {
    const { child } = await start();
    child.kill('SIGSTOP');
    expect((await start()).answer).toContain('in use by another process');
  });

  it('is not kept by a dead claim with a living process id: in a container every service is process 1', async () => {
    const { child } = await start();
    await kill(child);
    const [dead] = await claims();
    await writeFile(join(folder, dead!.replace(String(child.pid), String(process.pid))), '');
    await (await openDataFolder(folder)).release();
    expect(await claims()).toEqual([]);
  });

  it('goes to exactly one of six that find the lock of a killed process at the same moment', async () => {
    for (let round = 0; round < 3; round++) {
      await kill((await start()).child);
      const started = await Promise.all(Array.from({ length: 6 }, () => start()));
      expect(started.filter(({ answer }) => answer === 'held')).toHaveLength(1);
      await Promise.all(children.splice(0).map(kill));
    }
  });

  it('says that its path is too long for a socket, which Node would cut off without a word', async () => {
    await expect(openDataFolder(join(folder, 'x'.repeat(100)))).rejects.toThrow('DATA_DIR has too long a path');
  });

  it('names the option when there can be no folder', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(openDataFolder(join(folder, 'file'))).rejects.toThrow(/^DATA_DIR .* cannot be used: /);
  });
});

describe('a data folder on a network, where sockets of other machines do not answer', () => {
  const claimOfAnotherKernel = () => join(folder, 'lock.00000000.1.000000000000');

  it('is refused while the other machine shows that it lives, and taken when it has been silent', async () => {
    await writeFile(claimOfAnotherKernel(), '');
    let beat = 0;
    const heartbeat = setInterval(() => void utimes(claimOfAnotherKernel(), ++beat, beat).catch(() => undefined), 20);
    const times = { patience: 50, silence: 400 };
    await expect(lockFolder(folder, keepIt, times)).rejects.toThrow('in use by another process');
    clearInterval(heartbeat);
    // The last beat may come after that, and its silence begins then.
    await (await lockFolder(folder, keepIt, { ...times, patience: 60_000 })).release();
    expect(await claims()).toEqual([]);
  });

  it('is told by the kernel and not by the host name, since containers of one machine differ in that', async () => {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => null);
    if (boot === null) return;
    const first = await lockFolder(folder, keepIt);
    expect(await claims()).toEqual([expect.stringContaining(`lock.${await currentKernel()}.`)]);
    await first.release();
  });

  it('ends a holder whose claim was removed: another machine took it for dead and writes now', async () => {
    const { child } = await start();
    let said = '';
    child.stderr!.on('data', (text) => (said += String(text)));
    await Promise.all((await claims()).map((name) => rm(join(folder, name))));
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect(said).toBe(`Keyturn stops: DATA_DIR ${folder} is no longer this process's own: its lock was removed.\n`);
  });

  it('tells a holder once, by the function it gave, and throws nothing that nobody can catch', async () => {
    const { child } = await start({ heartbeat: 20 });
    const told: string[] = [];
    child.on('message', (message) => told.push(message as string));
    await Promise.all((await claims()).map((name) => rm(join(folder, name))));
    await once(child, 'message');
    child.send('release');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(told).toEqual([`DATA_DIR ${folder} is no longer this process's own: its lock was removed.`]);
  });

  it('shows that it lives, as long as it has the folder', async () => {
    const lock = await lockFolder(folder, keepIt, { heartbeat: 10 });
    const [own] = await claims();
    await utimes(join(folder, own!), 1, 1);
    const moved = async (): Promise<boolean> => (await stat(join(folder, own!))).mtimeMs > 1_000 || moved();
    expect(await moved()).toBe(true);
    await lock.release();
  });
});
