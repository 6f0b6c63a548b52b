// npm run test:drills [-- name …]: every line of the runbooks that can be executed, on real servers, and the drills of operations.
// Not part of CI: it takes as long as a build, an upgrade and a restore take together.
import { spawnSync } from 'node:child_process';
import { root } from '../../scripts/root.mjs';

const jest = (...files) => ['npx', 'jest', ...files];
/** What is drilled, and by what. The sections are those of docs/operations.md. */
const DRILLS = {
  keys: jest('test/docs.keys.spec.ts', 'test/e2e/key-rotation'),
  redis: jest('test/e2e/redis-access', 'test/e2e/redis-troubles', 'test/stores/redis-tls-cluster'),
  postgres: jest('test/e2e/postgres', 'test/e2e/restored-users'),
  deployment: jest('test/ops.deployment.spec.ts', 'test/ops.spec.ts'),
  stop: jest('test/e2e/stopping', 'test/e2e/start-failures', 'test/e2e/fault-lines'),
  doctor: jest('test/e2e/doctor'),
  why: jest('test/e2e/why', 'test/stores/history', 'test/stores/why-topologies'),
  webhooks: jest('test/e2e/webhooks'),
  restore: ['npm', 'run', 'test:restore'],
  upgrade: ['npm', 'run', 'test:upgrade'],
  image: ['npm', 'run', 'smoke:image'],
};

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !(name in DRILLS));
if (unknown) throw new Error(`There is no drill '${unknown}'; there are ${Object.keys(DRILLS).join(', ')}.`);

const results = [];
for (const [name, [command, ...args]] of Object.entries(DRILLS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const since = performance.now();
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  results.push({ name, passed: status === 0, seconds: Math.round((performance.now() - since) / 1000) });
}
process.stdout.write('\n');
for (const { name, passed, seconds } of results) {
  process.stdout.write(`${passed ? 'passed' : 'FAILED'}  ${name.padEnd(12)}${seconds} s\n`);
}
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;
