// npm run test:upgrade                       this tree beside itself under another version number
// npm run test:upgrade -- --from <commit>    beside that of a commit, built in a worktree of its own
// A rolling restart of four processes on one Redis and one PostgreSQL, forward and back, while people are at work.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startPostgres } from '../drills/postgres.mjs';
import { startService } from '../drills/service.mjs';
import { Chance } from '../faults/chance.mjs';
import { startRedis } from '../faults/redis.mjs';
import { startPeople } from './people.mjs';
import { versionBefore, versionNow } from './versions.mjs';

const MEMBERS = 4;
/** Both versions at work together, and each alone. */
const SETTLE = 3_000;

const { values } = parseArgs({
  options: { from: { type: 'string' }, people: { type: 'string' }, seed: { type: 'string' } },
});
const count = Number(values.people ?? 40);
const seed = Number(values.seed ?? Date.now() % 100_000);
const say = (text) => process.stdout.write(`${text}\n`);

await import('../../scripts/build-if-needed.mjs');
const { generateKeys } = await import('../../dist/esm/index.js');
const closing = [];
let failed = true;
try {
  const [now, before] = [versionNow(), versionBefore(values.from)];
  closing.push(before.remove);
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-upgrade-'));
  closing.push(() => rmSync(folder, { recursive: true, force: true }));
  const redis = await startRedis();
  closing.push(() => redis.stop());
  const postgres = await startPostgres();
  closing.push(() => postgres.stop());
  const env = {
    REDIS_URL: redis.url,
    DATABASE_URL: postgres.url,
    AUTH_KEYS: JSON.stringify(generateKeys()),
    AUTH_ISSUER: 'https://auth.example',
    LOG_FORMAT: 'json',
    // All come from one address and by one script; one test process is all of them.
    REDIS_COMMAND_TIMEOUT: '5s',
    LOGIN_LIMITS: 'off',
  };
  const logs = [];
  const start = async ({ entry }) => {
    const member = await startService({ entry, env, cwd: folder });
    closing.push(() => member.kill());
    logs.push(member.log);
    return member;
  };

  const members = [];
  for (let i = 0; i < MEMBERS; i += 1) members.push(await start(before));
  const doors = members.map(({ url }) => url);
  say(`Seed ${seed}: ${MEMBERS} processes of ${before.name}, ${count} people. To ${now.name} and back.`);
  const people = await startPeople({ count, doors, chance: new Chance(seed, 'upgrade') });
  await sleep(SETTLE);

  for (const version of [now, before]) {
    for (let i = 0; i < MEMBERS; i += 1) {
      const [old, next] = [members[i], await start(version)];
      members[i] = next;
      doors[i] = next.url;
      await old.stop();
      await sleep(SETTLE / 3);
    }
    await sleep(SETTLE);
    say(`all on ${version.name}: ${JSON.stringify(people.counted)}`);
  }
  await people.stop();

  const text = logs.map((log) => log()).join('\n');
  const alarms = text.split('"event":"token.reused"').length - 1;
  const { counted, faults } = people;
  say(JSON.stringify({ ...counted, alarms }));
  for (const fault of faults.slice(0, 10)) say(`  ${fault}`);
  failed = counted.failed + counted.lost + counted.alive + alarms > 0 || counted.refreshes === 0;
  say(failed ? 'MISSED' : 'held: 0 failed requests, 0 lost sessions, 0 alarms, no dead token accepted');
} finally {
  for (const close of closing.toReversed()) await close();
}
process.exit(failed ? 1 : 0);
