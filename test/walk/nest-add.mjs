import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectCall } from '../drills/service.mjs';
import { freePort } from '../faults/redis.mjs';
import { startRegistry } from '../hosts/registry.mjs';
import { newApplication } from './library.mjs';
import { stepOf } from './page.mjs';
import { expectText, serve, step } from './step.mjs';

const PAGE = 'docs/in-your-app.md';

/** A login and a route that is guarded, in the controller that every new application has. */
const CONTROLLER = `import { Controller, Get, HttpCode, Post, Res, UseGuards } from '@nestjs/common';
import { CurrentUser, JwtAuthGuard, SessionService, TokenResponder } from 'keyturn';

@Controller()
export class AppController {
  constructor(
    private readonly sessions: SessionService,
    private readonly responder: TokenResponder,
  ) {}

  @Post('login')
  @HttpCode(200)
  async login(@Res({ passthrough: true }) response: object) {
    return this.responder.respond(response, await this.sessions.open({ sub: 'ada' }));
  }

  @UseGuards(JwtAuthGuard)
  @Get('cart')
  cart(@CurrentUser('sub') sub: string) {
    return { cartOf: sub };
  }
}
`;

/** Adds Keyturn to a fresh application of this version of Nest by the Nest CLI that came with it. */
export async function walkNestAdd(version, { scratch, tarball, closing }) {
  const registry = await startRegistry(tarball);
  closing.push(registry.stop);
  const { where, env, shell } = await newApplication(version, join(scratch, `add${version}`));
  const fetching = { env: { npm_config_registry: registry.url } };
  const fresh = filesOf(where);

  const look = stepOf(PAGE, 'look before nest add').trim();
  const said = await step(`Nest ${version}: ${look.replace('\n', '; ')}`, () => shell(look, fetching));
  expectText(
    'what would be written',
    said,
    new RegExp(`\\+ @nestjs/jwt@\\^${version}\\.[\\s\\S]*\\+ +AuthModule\\.forRoot`),
  );
  expectSame('a look at it', filesOf(where), fresh);

  const add = stepOf(PAGE, 'nest add').trim();
  await step(`Nest ${version}: ${add}`, () => shell(add, fetching));
  const added = filesOf(where);
  const changed = Object.keys(added).filter((path) => added[path] !== fresh[path]);
  expectText(
    'the files that it changes',
    changed.sort().join(' '),
    /^package-lock\.json package\.json src\/app\.module\.ts$/,
  );
  for (const name of ['@nestjs/jwt', '@nestjs/passport']) {
    const manifest = JSON.parse(readFileSync(join(where, 'node_modules', name, 'package.json'), 'utf8'));
    expectText(`the version of ${name}`, manifest.version, new RegExp(`^${version}\\.`));
  }
  await step(`Nest ${version}: ${add}, a second time`, () => shell(add, fetching));
  expectSame('the second time', filesOf(where), added);

  await step(`Nest ${version}: its own Prettier, build, tests and end-to-end tests`, () =>
    shell('npx prettier --check src/app.module.ts && npm run build && npm test && npm run test:e2e'),
  );

  writeFileSync(join(where, 'src/app.controller.ts'), CONTROLLER);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = await step(`Nest ${version}: npm start`, () =>
    serve('npm start', { cwd: where, env: { ...env, PORT: String(port) }, url }),
  );
  closing.push(server.stop);
  await expectCall(401, `${url}/cart`);
  const { access_token: token } = await expectCall(200, `${url}/login`, { method: 'POST' });
  const { cartOf } = await expectCall(200, `${url}/cart`, { token });
  if (cartOf !== 'ada') throw new Error(`the cart is of ${cartOf}`);
  await server.stop();
  await registry.stop();
}

/** What each file of an application holds, by its path; without what tools put there. */
function filesOf(where) {
  const paths = readdirSync(where, { recursive: true }).map(String);
  const own = paths.filter((path) => !/^(node_modules|dist)(\/|$)/.test(path) && statSync(join(where, path)).isFile());
  const digest = (path) =>
    createHash('sha256')
      .update(readFileSync(join(where, path)))
      .digest('hex');
  return Object.fromEntries(own.map((path) => [path, digest(path)]));
}

function expectSame(what, after, before) {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const different = paths.filter((path) => after[path] !== before[path]);
  if (different.length > 0) throw new Error(`${what} has changed ${different.join(', ')}`);
}
