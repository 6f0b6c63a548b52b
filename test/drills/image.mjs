// npm run smoke:image: what the Dockerfile makes, where there is no Docker. Does its COPY and RUN steps in a scratch
// folder, stage by stage, and starts its CMD there as the image would: only with production dependencies, as a user
// that is not root, with a file system that cannot be written to, on real servers, with secrets as files.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../../scripts/root.mjs';
import { startRedis } from '../faults/redis.mjs';
import { dockerfileSteps } from './dockerfile.mjs';
import { startPostgres } from './postgres.mjs';
import { accountOf, expectCall, startService } from './service.mjs';

const NOBODY = 65_534;
const say = (text) => process.stdout.write(`image: ${text}\n`);
// A user who is nobody must be able to look in.
const scratch = mkdtempSync(join(tmpdir(), 'keyturn-image-'));
chmodSync(scratch, 0o755);
const closing = [async () => rmSync(scratch, { recursive: true, force: true })];
const isRoot = process.getuid() === 0;

try {
  const image = build(dockerfileSteps(readFileSync(`${root}Dockerfile`, 'utf8')));
  const redis = await startRedis({ args: ['--save', '', '--appendonly', 'yes'] });
  closing.push(() => redis.stop());
  const postgres = await startPostgres();
  closing.push(() => postgres.stop());
  const secrets = await writeSecrets(image, { DATABASE_URL: postgres.url, REDIS_URL: redis.url });
  const env = { ...image.env, ...secrets, AUTH_ISSUER: 'https://auth.example' };

  const service = await startService({ env, cwd: image.workdir, command: confined(image.cmd) });
  closing.push(() => service.kill());
  say(`ready as ${isRoot ? 'nobody, on a read-only file system' : 'this user'}`);
  asImage(image, service.env, image.health);
  say('HEALTHCHECK: healthy');

  const body = accountOf('ada');
  asImage(
    image,
    service.env,
    ['node', 'dist/esm/service/cli/cli.js', 'users', 'add', '--email', body.email],
    body.password,
  );
  const login = await expectCall(200, `${service.url}/auth/login`, { body });
  const refreshed = await expectCall(200, `${service.url}/auth/refresh`, {
    body: { refresh_token: login.refresh_token },
  });
  await expectCall(200, `${service.url}/auth/me`, { token: refreshed.access_token });
  say('account made by the command, logged in, refreshed, recognised');
  await service.stop();
  say('SIGTERM: exit code 0');
  for (const secret of [postgres.url, redis.url, body.password, login.refresh_token]) {
    if (service.log().includes(secret)) throw new Error('a secret is in the log');
  }
} finally {
  for (const close of closing.toReversed()) await close();
}
// Not by process.exitCode: a kept connection must not hold up a finished run.
process.exit(0);

/** The command as the image's user, in a mount namespace whose file system is read-only. */
function confined(command) {
  if (!isRoot) return command;
  const readOnly = 'mount -o remount,bind,ro / && exec setpriv --reuid="$0" --regid="$0" --clear-groups -- "$@"';
  return ['unshare', '--mount', 'sh', '-c', readOnly, String(NOBODY), ...command];
}

function asImage({ workdir }, env, command, input) {
  const [program, ...args] = confined(command);
  return execFileSync(program, args, { cwd: workdir, env, input, encoding: 'utf8', timeout: 60_000 });
}

/** As a secret is mounted. @returns the settings that name them */
async function writeSecrets({ workdir }, secrets) {
  const { generateKeys } = await import(`${workdir}/dist/esm/index.js`);
  const all = { ...secrets, AUTH_KEYS: JSON.stringify(generateKeys()) };
  const folder = join(scratch, 'secrets');
  mkdirSync(folder);
  return Object.fromEntries(
    Object.entries(all).map(([name, value]) => {
      writeFileSync(join(folder, name), `${value}\n`, { mode: 0o444 });
      return [`${name}_FILE`, join(folder, name)];
    }),
  );
}

/** @returns the last stage: its folder, environment, CMD and HEALTHCHECK */
function build(stages) {
  let last;
  const folders = new Map();
  for (const [index, { name, steps }] of stages.entries()) {
    const folder = join(scratch, name ?? `stage-${index}`);
    folders.set(name, folder);
    last = { folder, workdir: folder, env: {} };
    for (const step of steps) apply(last, step, folders);
  }
  return last;
}

function apply(stage, { instruction, args, flags, json }, folders) {
  const here = (path) => (path.startsWith('/') ? join(stage.folder, path) : join(stage.workdir, path));
  switch (instruction) {
    case 'WORKDIR':
      stage.workdir = here(args[0]);
      mkdirSync(stage.workdir, { recursive: true });
      break;
    case 'ENV':
      for (const pair of args) stage.env[pair.slice(0, pair.indexOf('='))] = pair.slice(pair.indexOf('=') + 1);
      break;
    case 'COPY': {
      const to = here(args.at(-1));
      const from = flags.from ? folders.get(flags.from) : root;
      for (const path of args.slice(0, -1)) copy(from, path, to, { isOnly: args.length === 2 });
      break;
    }
    case 'RUN': {
      // What names the image's own folders is about its users, which are not those of this machine.
      if (/\bchown\b/.test(args.join(' '))) break;
      say(`RUN ${args.join(' ')}`);
      const started = Date.now();
      execFileSync('sh', ['-c', args.join(' ')], { cwd: stage.workdir, stdio: ['ignore', 'ignore', 'inherit'] });
      say(`  took ${Math.round((Date.now() - started) / 1000)} s`);
      break;
    }
    case 'USER':
      stage.user = args[0];
      break;
    case 'CMD':
      stage.cmd = json;
      break;
    case 'HEALTHCHECK':
      stage.health = json;
      break;
    default:
  }
}

/** As Docker has it: a folder's content goes into the target; of the project, only what .dockerignore lets in. */
function copy(from, path, to, { isOnly }) {
  if (from !== root) {
    const source = join(from, path);
    cpSync(source, isOnly ? to : join(to, path.split('/').at(-1)), { recursive: true, verbatimSymlinks: true });
    return;
  }
  for (const file of context()) {
    if (path !== '.' && file !== path && !file.startsWith(`${path}/`)) continue;
    const target = join(to, file);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(root + file, target);
  }
}

/** What `docker build` would send: the whitelist of .dockerignore, among what git has or would have. */
function context() {
  const rules = readFileSync(`${root}.dockerignore`, 'utf8')
    .split('\n')
    .filter((rule) => rule !== '');
  const [everything, ...others] = rules;
  if (everything !== '*') throw new Error('.dockerignore must begin by ignoring everything');
  const allowed = others.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1));
  const denied = others.filter((rule) => rule.startsWith('**/*')).map((rule) => rule.slice('**/*'.length));
  const matches = (file, rule) =>
    rule.includes('*')
      ? new RegExp(`^${rule.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`).test(file)
      : file === rule || file.startsWith(`${rule}/`);
  const args = ['-C', root, 'ls-files', '--cached', '--others', '--exclude-standard'];
  return execFileSync('git', args, { encoding: 'utf8' })
    .split('\n')
    .filter((file) => allowed.some((rule) => matches(file, rule)) && !denied.some((end) => file.endsWith(end)));
}
