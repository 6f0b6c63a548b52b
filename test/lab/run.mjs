// npm run test:lab                        puts the clients of test/lab/clients through the lab, against the built service
// npm run test:lab -- --only expiry,body  some situations
// npm run test:lab -- --java              also the recipe in Java, examples/clients/java
// npm run test:lab -- --update            all of them, and writes the table of scores into docs/lab.md
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as prettier from 'prettier';
import { root } from '../../scripts/root.mjs';
import { toolPath } from '../../scripts/system-tools.mjs';
import { startProcess } from '../../scripts/started-process.mjs';

const { values } = parseArgs({
  options: { only: { type: 'string' }, update: { type: 'boolean' }, java: { type: 'boolean' } },
});
const JAVA = ['KeyturnSession.java', 'LabClient.java'];
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

const java = () => {
  execFileSync(process.execPath, [`${root}scripts/ensure-system.mjs`, 'javac'], { stdio: 'inherit' });
  execFileSync(toolPath('javac'), [
    '-d',
    `${host}/java`,
    ...JAVA.map((file) => `${root}examples/clients/java/${file}`),
  ]);
  return [toolPath('javac').replace(/javac$/, 'java'), '-cp', `${host}/java`, 'LabClient'];
};
/** `passes`: whether it must pass every situation; `patience`: how long the lab waits for what a bad client never does. */
const CLIENTS = [
  { name: 'keyturn/client', command: [process.execPath, `${host}/keyturn.mjs`], patience: '20s', passes: true },
  { name: 'axios, the usual interceptor', command: [process.execPath, `${host}/naive-axios.mjs`], patience: '5s' },
  ...(values.java || values.update
    ? [{ name: 'Java, java.net.http', command: java(), patience: '20s', passes: true }]
    : []),
];

const folder = mkdtempSync(join(tmpdir(), 'keyturn-lab-service-'));
const service = await startProcess({
  entry: `${root}dist/esm/main.js`,
  cwd: folder,
  env: { NODE_ENV: 'development', DATA_DIR: join(folder, 'data'), REFRESH_GRACE: '1s', LOGIN_LIMITS: 'off' },
  readyWithin: 120_000,
});
const target = `http://localhost:${service.port}`;

/** @returns the scores, in the order of the situations */
const play = async ({ command, patience }) => {
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
    ...command,
  ];
  const lab = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  lab.stdout.on('data', (chunk) => (out += chunk));
  await once(lab, 'close');
  return JSON.parse(out).scores;
};

const say = (text) => process.stdout.write(`${text}\n`);

const faults = [];
const played = [];
try {
  for (const client of CLIENTS) {
    const started = performance.now();
    const scores = await play(client);
    played.push({ ...client, scores });
    const failed = scores.filter(({ verdict }) => verdict !== 'passed');
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    say(`lab: ${client.name}: passed ${scores.length - failed.length} of ${scores.length} (${seconds} s)`);
    for (const { name, verdict, faults: why } of failed) say(`  ${verdict} ${name}: ${why.join(' ')}`);
    if (client.passes && failed.length > 0) faults.push(`${client.name} must pass every situation.`);
    if (scores.some(({ verdict }) => verdict === 'not started')) faults.push(`${client.name} could not be started.`);
    const told = scores.filter(({ verdict }) => verdict === 'failed').length;
    if (!client.passes && values.only === undefined && told < NAIVE_FAILS_AT_LEAST)
      faults.push(`${client.name} fails in ${told} situations only: does the lab still see anything?`);
  }
} finally {
  await service.kill();
  rmSync(folder, { recursive: true, force: true });
}

if (values.update && values.only === undefined && faults.length === 0) {
  const doc = `${root}docs/lab.md`;
  const [head, rest] = readFileSync(doc, 'utf8').split('<!-- scores -->\n');
  const [, tail] = rest.split('<!-- end of scores -->');
  const cell = ({ verdict, faults: why }) =>
    verdict === 'passed' ? 'passed' : verdict === 'failed' ? '**failed**' : `${verdict}: ${why.join(' ')}`;
  const row = (cells) => `| ${cells.join(' | ')} |`;
  const count = (scores, isCounted) => scores.filter(isCounted).length;
  const sum = ({ scores }) =>
    `${count(scores, ({ verdict }) => verdict === 'passed')} of ${count(scores, ({ verdict }) => verdict !== 'not applicable')}`;
  const table = [
    row(['situation', ...played.map(({ name }) => name)]),
    row(['---', ...played.map(() => '---')]),
    ...played[0].scores.map(({ name }, at) => row([`\`${name}\``, ...played.map(({ scores }) => cell(scores[at]))])),
    row(['passed', ...played.map(sum)]),
  ];
  const text = `${head}<!-- scores -->\n\n${table.join('\n')}\n\n<!-- end of scores -->${tail}`;
  writeFileSync(doc, await prettier.format(text, { ...(await prettier.resolveConfig(doc)), filepath: doc }));
}
for (const fault of faults) say(`lab: ${fault}`);
process.exit(faults.length === 0 ? 0 : 1);
