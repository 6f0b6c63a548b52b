// What Jest cannot show, because it turns everything into CommonJS: the built package and the built service in plain Node.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { smokeService } from './smoke-service.mjs';
import { root } from './root.mjs';

// Inside the project, so that the peers are found in the project's node_modules, as they are in a host's.
const host = `${root}dist/smoke`;
rmSync(host, { recursive: true, force: true });
mkdirSync(`${host}/node_modules`, { recursive: true });
cpSync(`${root}dist/package`, `${host}/node_modules/keyturn`, { recursive: true });
// A host of its own: what is not in exports must not be found by way of the root package.
writeFileSync(`${host}/package.json`, '{ "private": true }\n');

/** test/public-api.txt: under each `# entry` its exports, types marked `type`. */
const entries = readFileSync(`${root}test/public-api.txt`, 'utf8')
  .split(/^# /m)
  .slice(1)
  .map((section) => {
    const [entry, ...names] = section.split('\n').filter(Boolean);
    const values = names.filter((name) => !name.startsWith('type '));
    return { entry, values, types: names.filter((name) => name.startsWith('type ')).map((name) => name.slice(5)) };
  });

const node = (file, source) => {
  writeFileSync(`${host}/${file}`, source);
  return execFileSync(process.execPath, ['--no-warnings', file], { cwd: host, encoding: 'utf8', timeout: 60_000 });
};

for (const { entry, values } of entries) {
  const want = values.toSorted().join('\n');
  const loads = {
    'loads.mjs': `import * as api from '${entry}';`,
    'loads.cjs': `const api = require('${entry}');`,
  };
  for (const [file, load] of Object.entries(loads)) {
    const got = node(file, `${load}\nconsole.log(Object.keys(api).sort().join('\\n'));\n`).trim();
    if (got !== want) throw new Error(`${entry} by ${file} exports\n${got}\nbut test/public-api.txt says\n${want}`);
  }
  console.log(`smoke: ${entry}: ${values.length} exports, the same by import and by require`);
}

// Of a member without a value tsc makes a field, which Jest's compiler does not; Nest prints the fields of what ends a start.
const printed = node(
  'refused.mjs',
  `import { AuthConfigError } from 'keyturn';
console.log(Object.keys(AuthConfigError.of('issuer', 'must be given')).join(' '));
`,
).trim();
if (printed !== 'name option') throw new Error(`an AuthConfigError prints ${printed}: want its name and its option`);

const everyName = ({ entry, values, types }) => {
  const names = [...values, ...types];
  const prefix = entry.replace(/\W/g, '_');
  return `import type { ${names.map((name) => `${name} as ${prefix}_${name}`).join(', ')} } from '${entry}';\n`;
};
// What the README promises: a host declares its own claims once, and has them typed everywhere.
const merging = `import type { AuthUser } from 'keyturn';
declare module 'keyturn' {
  interface RegisteredClaims { tenant: number }
}
export const tenantOf = (user: AuthUser): number => user.tenant;
`;
// The .ts copy is for node10, which reads the package's `types` and `typesVersions`, the others for its `exports`.
for (const file of ['types.mts', 'types.cts', 'types.ts']) {
  writeFileSync(`${host}/${file}`, entries.map(everyName).join('') + merging);
}
const compile = (files, options) =>
  execFileSync(
    process.execPath,
    [
      `${root}node_modules/typescript/bin/tsc`,
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--ignoreConfig',
      ...options,
      ...files,
    ],
    { cwd: host, stdio: 'inherit', timeout: 120_000 },
  );
compile(['types.mts', 'types.cts'], ['--module', 'nodenext']);
compile(['types.ts'], ['--module', 'commonjs', '--moduleResolution', 'node10', '--ignoreDeprecations', '6.0']);
console.log('smoke: every name has its type for ESM, CommonJS and node10 resolution');
rmSync(host, { recursive: true });

await smokeService();
