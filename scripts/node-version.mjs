// Imported first by what `npm start` and `npm run build` run: an old Node fails later, in places that tell nothing.
import { readFileSync } from 'node:fs';

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const parts = (version) => version.split('.').map(Number);
const isAtLeast = ([a, b, c], [x, y, z]) => (a !== x ? a > x : b !== y ? b > y : c >= z);

/** Whether a version of Node is in a range such as `^20.19.0 || >=24.0.0`. */
export function isSupported(version, range = engines.node) {
  return range.split('||').some((one) => {
    const [, operator, least] = /^(\^|>=)([\d.]+)$/.exec(one.trim());
    const fits = isAtLeast(parts(version), parts(least));
    return operator === '^' ? fits && parts(version)[0] === parts(least)[0] : fits;
  });
}

if (!isSupported(process.versions.node)) {
  console.error(`Keyturn needs Node ${engines.node}; this is Node ${process.versions.node}.`);
  process.exit(1);
}
