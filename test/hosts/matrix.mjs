import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AuthModule,
  RedisTokenRepositoryModule,
  RefreshRotationService,
  SessionService,
} from '../../dist/esm/index.js';
import { freePort } from '../../scripts/started-process.mjs';
import { startApp } from './app.mjs';
import { CELLS } from './cells.mjs';

/**
 * Plays every cell of the columns, with the guard and without it: a cell counts only if its story fails without.
 * @returns the problems, a line each
 */
export async function playMatrix(columns, { folders, env, say }) {
  const issuer = await openIssuer(env);
  const problems = [];
  const table = [];
  const notes = [];
  for (const [name, column] of Object.entries(columns)) {
    const cells = await playColumn(column, { folders, env, issuer });
    const marks = Object.entries(cells).map(([cell, { mark, why }]) => {
      if (mark === 'FAILS') problems.push(`${name}, ${cell}: ${why}`);
      if (mark === 'n/a') notes.push(`${name}, ${cell}: ${why}`);
      return [cell, mark];
    });
    table.push({
      host: name,
      versions: versionsOf(folders[column.project], column.packages),
      ...Object.fromEntries(marks),
    });
    say(`${name}: ${marks.map(([cell, mark]) => `${cell} ${mark}`).join(', ')}`);
  }
  await issuer.close();
  printTable(table, notes);
  return problems;
}

async function playColumn(column, { folders, env, issuer }) {
  const cells = {};
  const run = async (guard) => {
    const app = await startColumn(column, { folders, env: { ...env, GUARD: guard } });
    try {
      const context = { player: column.player, app, ...issuer };
      return await Promise.all(
        Object.entries(CELLS).map(async ([cell, story]) => {
          if (column.player.cannot?.[cell]) return [cell, undefined];
          return [
            cell,
            await story(context).then(
              () => 'passed',
              (error) => error,
            ),
          ];
        }),
      );
    } finally {
      await app.stop();
    }
  };
  const first = run('on');
  if (column.alone) await first;
  const [withGuard, offs] = await Promise.all([first, run('off')]);
  const without = Object.fromEntries(offs);
  for (const [cell, outcome] of withGuard) {
    const why = column.player.cannot?.[cell];
    if (why) cells[cell] = { mark: 'n/a', why };
    else if (outcome !== 'passed') cells[cell] = { mark: 'FAILS', why: outcome.message };
    else if (without[cell] === 'passed')
      cells[cell] = { mark: 'FAILS', why: 'its story passes without the guard, too' };
    else cells[cell] = { mark: 'ok' };
  }
  return cells;
}

async function startColumn({ project, entry, env: more }, { folders, env }) {
  const folder = folders[project];
  const rpcPort = await freePort();
  const output = env.GUARD === 'off' ? 'ignore' : 'inherit';
  const app = await startApp(folder, `dist/${entry}`, { ...env, ...more, RPC_PORT: String(rpcPort) }, { output });
  return { ...app, folder, rpcPort, redis: new URL(env.REDIS_URL) };
}

/** The other instance: it logs in and revokes, by the library of this repository, over the same Redis. */
export async function openIssuer({ REDIS_URL, AUTH_KEYS }) {
  const { NestFactory } = await import('@nestjs/core');
  const module = AuthModule.forRoot({
    issuer: 'https://auth.shop.example',
    keys: AUTH_KEYS,
    store: RedisTokenRepositoryModule.forRoot({ url: REDIS_URL }),
  });
  const context = await NestFactory.createApplicationContext(module, { logger: ['error'] });
  const [sessions, rotation] = [context.get(SessionService), context.get(RefreshRotationService)];
  let people = 0;
  return {
    async login({ roles = [], age = 0 } = {}) {
      const sub = `person-${(people += 1)}`;
      const authTime = Math.floor(Date.now() / 1000) - age;
      const grant = await sessions.open({ sub, claims: { roles }, ...(age > 0 && { authTime }) });
      const { exp } = JSON.parse(Buffer.from(grant.accessToken.split('.')[1], 'base64url'));
      return { ...grant, sub, expiresAt: exp };
    },
    revoke: ({ sub, sessionId }) => sessions.revoke(sub, sessionId),
    fresh: async ({ refreshToken }) => (await rotation.refresh(refreshToken)).accessToken,
    close: () => context.close(),
  };
}

function versionsOf(folder, packages) {
  return packages
    .map((name) => JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version)
    .join(', ');
}

function printTable(rows, notes) {
  const head = Object.keys(rows[0]);
  const widths = head.map((name) => Math.max(...[name, ...rows.map((row) => row[name])].map(({ length }) => length)));
  const line = (cells) => `${cells.map((cell, index) => cell.padEnd(widths[index])).join(' | ')}\n`;
  process.stdout.write(`\n${line(head)}${line(widths.map((width) => '-'.repeat(width)))}`);
  for (const row of rows) process.stdout.write(line(head.map((name) => row[name])));
  for (const note of notes) process.stdout.write(`n/a: ${note}\n`);
  process.stdout.write('\n');
}
