import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { call, expectCall } from '../drills/service.mjs';
import { freePort } from '../faults/redis.mjs';
import { stepOf, stepsOf } from './page.mjs';
import { expectText, paste, serve, SHELLS, step } from './step.mjs';

const PAGE = 'docs/quick-start.md';
const MOST_COMMANDS = 10;

/** Goes through the quick start of the library in a fresh application of this version of Nest. */
export async function walkLibrary(version, { scratch, tarball, closing }) {
  const line = (mark) => stepOf(PAGE, mark).trim().replace('keyturn ', `${tarball} `);
  const { where, env, shell } = await newApplication(version, join(scratch, `nest${version}`));
  const install = version === '11' ? 'Nest 11' : 'Nest 12';
  await step(`Nest ${version}: ${stepOf(PAGE, install).trim()}`, () => shell(line(install)));
  await step(`Nest ${version}: paste src/app.module.ts, npm run build`, () => {
    writeFileSync(join(where, 'src/app.module.ts'), stepOf(PAGE, 'src/app.module.ts'));
    return shell('npm run build');
  });
  await step(`Nest ${version}: npm test, as it came with the application`, () => shell('npm test'));

  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = await step(`Nest ${version}: ${line('start')}`, () =>
    serve(line('start'), { cwd: where, env: { ...env, PORT: String(port) }, url }),
  );
  closing.push(server.stop);
  for (const name of SHELLS) {
    const printed = await step(`Nest ${version}: the first token and a refresh, in ${name}`, () =>
      paste(name, stepOf(PAGE, 'use').replaceAll('http://localhost:3000', url)),
    );
    expectText('the cart and the refresh', printed, /^\{"cartOf":"1"\}\n\{"access_token":"ey.*"refresh_token":"ey/);
  }
  const wrong = await expectCall(401, `${url}/login`, { body: { email: 'ada@example.com', password: 'wrong' } });
  if (wrong.code !== 'invalid_credentials') throw new Error(`a wrong password has the code ${wrong.code}`);
  await expectCall(401, `${url}/login`, { method: 'POST' });
  if ((await call(`${url}/cart`)).status !== 401) throw new Error('the cart is not guarded');
  expectText('what the application says of itself', server.said, /^(?![\s\S]*\bWARN\b)/);
  await server.stop();
}

/**
 * A fresh application of this version of Nest, as the quick start makes it.
 * @param folder that it is made in
 * @returns where it is, and a shell in it
 */
export async function newApplication(version, folder) {
  const where = join(folder, 'shop');
  const env = { ...process.env, CI: '1', npm_config_yes: 'true', npm_config_audit: 'false', npm_config_fund: 'false' };
  const shell = (code, { cwd = where, env: more } = {}) =>
    paste('sh', code, { cwd, env: { ...env, ...more }, timeout: 600_000, maxBuffer: 2 ** 26 });
  const [create] = stepOf(PAGE, 'new application').trim().split('\n');
  mkdirSync(folder, { recursive: true });
  await step(`Nest ${version}: ${create}`, () =>
    shell(`${create.replace('cli', `cli@${version}`)} --skip-git </dev/null`, { cwd: folder }),
  );
  return { where, env, shell };
}

/** Every line is one command, as somebody types or pastes it; helpers and comments count too. */
export function countCommands() {
  const lines = stepsOf(PAGE)
    .filter(({ name }) => !['Nest 11', 'src/app.module.ts'].includes(name))
    .flatMap(({ code }) => code.trim().split('\n'));
  if (lines.length > MOST_COMMANDS) throw new Error(`the quick start has ${lines.length} commands, at most 10`);
  return lines.length;
}
