// npm leaves binaries for other platforms out of package-lock.json when it cannot get at them while locking, or already
// has a node_modules (npm/cli#4828), and `npm ci` then refuses the lock file. Run this after each `npm install`: it puts
// them back, named and versioned by the package that asks for them; npm itself fills in the rest where they are used.
import { readFileSync, writeFileSync } from 'node:fs';
import { root } from './root.mjs';

const path = `${root}package-lock.json`;
const lock = JSON.parse(readFileSync(path, 'utf8'));

const holds = (parent, name) => {
  for (let at = parent; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (`${at && `${at}/`}node_modules/${name}` in lock.packages) return true;
    if (!at) return false;
  }
};

/** `…-linux-arm64-musl` → what a package.json says of such a package; without it npm would install it everywhere. */
const platformOf = (name, dev) => {
  const [, os, cpu, abi] =
    /[-/](android|darwin|freebsd|linux|openharmony|win32)-([a-z\d]+)(?:-(\w+))?$/.exec(name) ?? [];
  if (!os) throw new Error(`package-lock.json lacks ${name}, and its name does not tell its platform: add it by hand`);
  const libc = os === 'linux' && abi && { libc: [abi.startsWith('musl') ? 'musl' : 'glibc'] };
  return { cpu: [cpu], ...dev, ...libc, optional: true, os: [os] };
};

let added = 0;
for (const [parent, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (holds(parent, name)) continue;
    lock.packages[`node_modules/${name}`] = { version, ...platformOf(name, dev && { dev }) };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`package-lock.json: ${added} packages for other platforms put back`);
