import { createRequire } from 'node:module';

type Pg = typeof import('pg');

const require = createRequire(import.meta.url);

/**
 * The driver of PostgreSQL. While it is loaded it asks whether it runs in a worker of Cloudflare: by `navigator`, which
 * Node has from 21 on, else by making a `Response`, for which Node 20 loads all of its HTTP client: 20 ms and 9 MB. So it
 * finds the `navigator` of a later Node, for as long as it is loaded (pg 8.23).
 */
export function loadPg(): Pg {
  if ('navigator' in globalThis) return require('pg') as Pg;
  const navigator = { userAgent: `Node.js/${process.versions.node}` };
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  try {
    return require('pg') as Pg;
  } finally {
    Reflect.deleteProperty(globalThis, 'navigator');
  }
}
