// npm run bench                                  everything, about eight minutes, eleven on a busy machine
// npm run bench -- guard refresh                 some of it
// npm run bench -- guard --rounds 2 --ms 500     shorter and noisier
// npm run bench -- guard refresh --against <folder>
//                                                in the same rounds: another checkout that was built, or its dist/esm
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { describeLoad, describeMachine, pinLoadGenerator } from './machine.mjs';

const BENCHMARKS = [
  'guard',
  'refresh',
  'refusals',
  'verifier',
  'store',
  'revocation',
  'sockets',
  'ticks',
  'start',
  'imports',
  'processes',
  'fanout',
  'logins',
  'peers',
];

const refuse = (message) => {
  console.error(message);
  process.exit(1);
};

function asked() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        rounds: { type: 'string' },
        ms: { type: 'string' },
        adapter: { type: 'string', multiple: true },
        only: { type: 'string' },
        million: { type: 'boolean' },
        against: { type: 'string' },
        record: { type: 'boolean' },
      },
    });
  } catch ({ message }) {
    return refuse(`${message.split('. ')[0]}. The beginning of bench/run.mjs tells what can be asked for.`);
  }
}

const { values, positionals } = asked();
// What follows `peers` are its rows.
const names = positionals[0] === 'peers' ? ['peers'] : positionals;
const unknown = names.filter((name) => !BENCHMARKS.includes(name));
if (unknown.length > 0) refuse(`There is no benchmark ${unknown.join(', ')}; there are ${BENCHMARKS.join(', ')}.`);
const ADAPTERS = ['fastify', 'express'];
const strange = values.adapter?.find((adapter) => !ADAPTERS.includes(adapter));
if (strange !== undefined) refuse(`--adapter is ${ADAPTERS.join(' or ')}, not ${strange}.`);

function wholeNumber(name) {
  const text = values[name];
  if (text !== undefined && !/^[1-9]\d*$/.test(text)) refuse(`--${name} is a whole number from 1, not ${text}.`);
  return text && Number(text);
}

function pattern(text) {
  try {
    return text && new RegExp(text);
  } catch ({ message }) {
    return refuse(`--only: ${message}.`);
  }
}

const options = {
  rounds: wholeNumber('rounds'),
  milliseconds: wholeNumber('ms'),
  adapters: values.adapter,
  only: pattern(values.only),
  million: values.million,
  record: values.record,
  rows: positionals.slice(1),
};

if (values.against !== undefined) {
  const builds = [`${values.against}/dist/esm`, values.against].map((folder) => resolve(folder));
  const found = builds.find((folder) => existsSync(`${folder}/index.js`));
  if (!found) refuse(`--against ${values.against}: there is no build in it; run \`npm run build\` there.`);
  process.env.KEYTURN_AGAINST = found;
}
if (!process.env.KEYTURN_BUILD) await import('../scripts/build-if-needed.mjs');
pinLoadGenerator();
console.log(`${describeMachine()}\n${describeLoad()}`);
for (const name of BENCHMARKS) {
  if (names.length > 0 && !names.includes(name)) continue;
  const started = performance.now();
  await (await import(`./${name}.mjs`))[name](options);
  console.log(`\n${name}: ${Math.round((performance.now() - started) / 1000)} s, ${describeLoad()}`);
}
