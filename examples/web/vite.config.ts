import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

// The shop's server: npm run example, in the root of the repository.
const target = process.env.SHOP_URL ?? 'http://127.0.0.1:3001';
const paths = ['/auth', '/login', '/reauthenticate', '/products', '/cart', '/drafts', '/checkout'];

// Vite looks for the default export.
// oxlint-disable-next-line import/no-default-export
export default defineConfig({
  // In this repository the client is its source; an application imports what npm has installed.
  resolve: { alias: { 'keyturn/client': fileURLToPath(new URL('../../src/client/index.ts', import.meta.url)) } },
  // One origin for page and server, as a proxy gives it in production. `xfwd: false`: the server sees the page's own headers.
  server: { host: 'localhost', proxy: Object.fromEntries(paths.map((path) => [path, { target }])) },
});
