import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../scripts/root.mjs';
import { nodeOnServerCore } from './machine.mjs';
import { packedLibrary } from './packed.mjs';
import { interleave, least, middle } from './rounds.mjs';
import { printTable } from './table.mjs';

const counter = fileURLToPath(new URL('quick/count-modules.mjs', import.meta.url));

/** What loading the library costs an application, beside what the recipe of Nest's docs loads: docs/performance.md, goal 8. */
export async function imports({ rounds = 11 }) {
  const library = packedLibrary();
  const scratch = mkdtempSync(join(tmpdir(), 'keyturn-imports-'));
  try {
    const variants = [
      { name: 'nothing more than Nest', load: '' },
      {
        name: 'the passport recipe',
        load: `for (const name of ['@nestjs/jwt', '@nestjs/passport', 'passport-jwt']) await import(name);`,
      },
      { name: "import 'keyturn'", load: `await import('${library}/esm/index.js');` },
      { name: "require('keyturn')", load: `createRequire('${root}')('${library}/cjs/index.js');` },
    ].map((variant) => ({ ...variant, files: loadedFiles(variant, join(scratch, 'files.json')) }));
    report(await interleave(variants, rounds, async ({ load }) => ({ cpu: Number(run(load)) })));
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** A program that has loaded Nest, as every application has. It says what the rest took: CPU time in milliseconds. */
const programOf = (load) => `
  import { createRequire } from 'node:module';
  import 'reflect-metadata';
  import '@nestjs/common';
  import '@nestjs/core';
  const before = process.cpuUsage();
  ${load}
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(String((user + system) / 1000));`;

function run(load, { flags = [], env } = {}) {
  const [command, args] = nodeOnServerCore([...flags, '--input-type=module', '--eval', programOf(load)]);
  return execFileSync(command, args, { cwd: root, encoding: 'utf8', env: { ...process.env, ...env } });
}

function loadedFiles({ load }, list) {
  run(load, { flags: ['--import', counter], env: { MODULES_TO: list } });
  return JSON.parse(readFileSync(list, 'utf8')).length;
}

function report(samples) {
  const [[nest], [recipe]] = samples;
  const rows = [...samples].map(([variant, own]) => ({
    'beside Nest, loaded': variant.name,
    files: variant.files - nest.files,
    'CPU ms': middle(own, 'cpu').toFixed(0),
    'of the recipe, by CPU': (least(own, 'cpu') / least(samples.get(recipe), 'cpu')).toFixed(2),
  }));
  printTable('Loading the library', rows);
}
