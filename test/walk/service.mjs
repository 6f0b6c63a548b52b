import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../scripts/root.mjs';
import { freePort } from '../faults/redis.mjs';
import { stepOf } from './page.mjs';
import { expectText, paste, serve, SHELLS, step } from './step.mjs';

const PAGE = 'docs/try-it.md';
const SPOKEN_WITHIN = 5_000;

/** Goes from an empty folder to the end of the service's tour. Its path has a space, as people's folders do. */
export async function walkService({ scratch, closing }) {
  const folder = join(scratch, 'my keyturn');
  const env = { ...process.env, npm_config_cache: join(scratch, 'npm cache') };
  const since = performance.now();
  await step('service: git clone', () => clone(folder));
  const [install, start] = stepOf(PAGE, 'start').trim().split(' && ');
  await step(`service: ${install}, with an empty cache`, () =>
    paste('sh', install, { cwd: folder, env, maxBuffer: 2 ** 26 }),
  );

  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = await step(`service: ${start}`, () =>
    serve(start, { cwd: folder, env: { ...env, PORT: String(port) }, url: `${url}/health/ready` }),
  );
  closing.push(server.stop);
  if (server.firstWord > SPOKEN_WITHIN) throw new Error(`${start} says nothing for ${server.firstWord} ms`);
  for (const name of SHELLS) {
    // One account for each shell, on the same service.
    const tour = stepOf(PAGE, 'tour').replace('http://localhost:3000', url).replaceAll('ada@', `${name}@`);
    const printed = await step(`service: the tour, in ${name}`, () => paste(name, tour, { cwd: scratch }));
    expectText(
      'the tour',
      printed,
      /"access_token":"ey[\s\S]*the same successor\n[\s\S]*token_reused[\s\S]*status 204/,
    );
    if (name === SHELLS[0]) {
      const seconds = (performance.now() - since) / 1000;
      process.stdout.write(`walk: ${seconds.toFixed(1).padStart(6)} s  service: clone to the end of the first tour\n`);
    }
  }
  await server.stop();
  await step('service: npm run package', () => paste('sh', 'npm run package', { cwd: folder, env }));
  const shopPort = await freePort();
  const example = stepOf(PAGE, 'shop').trim();
  const shop = await step(`service: ${example}`, () =>
    serve(example, { cwd: folder, env: { ...env, PORT: String(shopPort) }, url: `http://127.0.0.1:${shopPort}` }),
  );
  closing.push(shop.stop);
  await shop.stop();
  await walkMonorepo({ folder, env, closing });
}

/** Two applications by one command: when the second one answers, the first one must, or the first call of the walk fails. */
export async function walkMonorepo({ folder, env, closing }) {
  const [port, ordersPort] = [await freePort(), await freePort()];
  const auth = `http://localhost:${port}`;
  const settings = {
    PORT: String(port),
    ORDERS_PORT: String(ordersPort),
    AUTH_URL: auth,
    DATA_DIR: 'data-of-monorepo',
  };
  const orders = await step('service: npm run example -- monorepo', () =>
    serve('npm run example -- monorepo', {
      cwd: folder,
      env: { ...env, ...settings },
      url: `http://127.0.0.1:${ordersPort}/orders/terms`,
    }),
  );
  closing.push(orders.stop);
  const { status } = await fetch(`${auth}/.well-known/jwks.json`).catch(() => ({ status: 0 }));
  if (status !== 200) throw new Error(`orders are taken, and the auth service is not there yet (${status})`);
  await orders.stop();
}

/** What is committed; a checkout without git is copied without what it built and fetched. */
async function clone(folder) {
  if (existsSync(`${root}.git`)) return paste('sh', `git clone --quiet '${root}' '${folder}'`);
  const left = /(^|\/)(node_modules|dist|data|\.cache)(\/|$)/;
  cpSync(root, folder, { recursive: true, filter: (path) => !left.test(path.slice(root.length)) });
}
