// npm run test:lab                        puts the clients of test/lab/clients through the lab, against the built service
// npm run test:lab -- --only expiry,body  some situations
// npm run test:lab -- --update            writes the table of scores into docs/lab.md; without it, the table is compared
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as prettier from 'prettier';
import { root } from '../../scripts/root.mjs';
import { startProcess } from '../../scripts/started-process.mjs';

const { values } = parseArgs({ options: { only: { type: 'string' }, update: { type: 'boolean' } } });
const CLIENTS = { 'keyturn/client': 'keyturn.mjs', 'axios, the usual interceptor': 'naive-axios.mjs' };
/** So many situations, by name, must tell the usual interceptor from a good client. */
const NAIVE_FAILS_AT_LEAST = 8;

if (!existsSync(`${root}dist/package/package.json`)) {
  execFileSync('npm', ['run', 'build'], { cwd: root, stdio: 'inherit' });
  execFileSync('npm', ['run', 'package'], { cwd: root, stdio: 'inherit' });
}

// Inside the project, so that axios is found, and the package is what a host has installed.
const host = `${root}dist/lab`;
rmSync(host, { recursive: true, force: true });
mkdirSync(`${host}/node_modules`, { recursive: true });
cpSync(`${root}test/lab/clients`, host, { recursive: true });
cpSync(`${root}dist/package`, `${host}/node_modules/keyturn`, { recursive: true });
writeFileSync(`${host}/package.json`, '{ "private": true, "type": "module" }\n');

const folder = mkdtempSync(join(tmpdir(), 'keyturn-lab-service-'));
const service = await startProcess({
  entry: `${root}dist/esm/main.js`,
  cwd: folder,
  env: { NODE_ENV: 'development', DATA_DIR: join(folder, 'data'), REFRESH_GRACE: '1s', LOGIN_LIMITS: 'off' },
  readyWithin: 120_000,
});
const target = `http://localhost:${service.port}`;

/**
 * @param patience how long the lab waits for what a bad client never does
 * @returns the scores by the names of the situations
 */
const play = async (file, patience) => {
  const cli = `${host}/node_modules/keyturn/esm/lab/cli.js`;
  const only = values.only === undefined ? [] : ['--only', values.only];
  const args = [
    cli,
    'lab',
    '--target',
    target,
    '--grace',
    '1s',
    '--patience',
    patience,
    '--json',
    ...only,
    '--',
    process.execPath,
    `${host}/${file}`,
  ];
  const lab = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  lab.stdout.on('data', (chunk) => (out += chunk));
  await once(lab, 'close');
  return JSON.parse(out).scores;
};

const say = (text) => process.stdout.write(`${text}\n`);

const faults = [];
const byClient = {};
try {
  for (const [client, file] of Object.entries(CLIENTS)) {
    const started = performance.now();
    const scores = (byClient[client] = await play(file, file === CLIENTS['keyturn/client'] ? '20s' : '5s'));
    const failed = scores.filter(({ verdict }) => verdict !== 'passed');
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    say(`lab: ${client}: passed ${scores.length - failed.length} of ${scores.length} (${seconds} s)`);
    for (const { name, verdict, faults: why } of failed) say(`  ${verdict} ${name}: ${why.join(' ')}`);
  }
} finally {
  await service.kill();
  rmSync(folder, { recursive: true, force: true });
}

const [ours, naive] = Object.values(byClient);
if (ours.some(({ verdict }) => verdict !== 'passed')) faults.push('keyturn/client must pass every situation.');
if (naive.some(({ verdict }) => verdict === 'not started')) faults.push('The client with axios could not be started.');
const told = naive.filter(({ verdict }) => verdict === 'failed').length;
if (values.only === undefined && told < NAIVE_FAILS_AT_LEAST)
  faults.push(`The usual interceptor fails in ${told} situations only: does the lab still see anything?`);

const allPlayed = Object.values(byClient)
  .flat()
  .every(({ verdict }) => verdict !== 'not started');
if (values.only === undefined && allPlayed) {
  const doc = `${root}docs/lab.md`;
  const before = readFileSync(doc, 'utf8');
  const [head, rest] = before.split('<!-- scores -->\n');
  const [, tail] = rest.split('<!-- end of scores -->');
  const cell = ({ verdict, faults: why }) =>
    verdict === 'passed' ? 'passed' : verdict === 'failed' ? '**failed**' : `${verdict}: ${why.join(' ')}`;
  const rows = ours.map((score, at) => `| \`${score.name}\` | ${cell(score)} | ${cell(naive[at])} |`);
  const sum = (scores) =>
    `${scores.filter(({ verdict }) => verdict === 'passed').length} of ${scores.filter(({ verdict }) => verdict !== 'not applicable').length}`;
  const table = [
    `| situation | ${Object.keys(CLIENTS).join(' | ')} |`,
    '| --- | --- | --- |',
    ...rows,
    `| passed | ${sum(ours)} | ${sum(naive)} |`,
  ];
  const text = `${head}<!-- scores -->\n\n${table.join('\n')}\n\n<!-- end of scores -->${tail}`;
  const after = await prettier.format(text, { ...(await prettier.resolveConfig(doc)), filepath: doc });
  if (values.update) writeFileSync(doc, after);
  else if (after !== before)
    faults.push('The table of scores in docs/lab.md is another one: npm run test:lab -- --update');
}
for (const fault of faults) say(`lab: ${fault}`);
process.exit(faults.length === 0 ? 0 : 1);
