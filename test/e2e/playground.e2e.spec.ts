import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPages } from '../../scripts/build-pages.mjs';
import { testOf } from '../../src/pages/playground/play/as-test.js';
import { codeOf } from '../../src/pages/playground/play/answers.js';
import { seqOf } from '../../src/pages/playground/play/decoded.js';
import { Stage } from '../../src/pages/playground/play/stage.js';
import { stepsOf, type Holder, type Step } from '../../src/pages/playground/play/step.js';
import { STORIES } from '../../src/pages/playground/play/stories.js';
import type { ActorId, WorldPolicy } from '../../src/pages/playground/world.types.js';
import { startService, type RunningService } from '../support/service.js';
import { compilerFaults } from '../support/snippets.js';
import { root } from '../support/source-imports.js';

let pages: string;
let service: RunningService;
beforeAll(async () => {
  pages = await mkdtemp(join(tmpdir(), 'keyturn-pages-'));
  await buildPages(pages);
  service = await startService({}, { pages });
});
afterAll(async () => {
  await service.stop();
  await rm(pages, { recursive: true, force: true });
});

async function performed(steps: readonly Step[], policy: Partial<WorldPolicy> = {}): Promise<Stage> {
  const stage = await Stage.open(service.url, { now: Date.now(), policy });
  for (const step of steps) await stage.perform(step);
  return stage;
}

const played = (id: string): Promise<Stage> => performed(STORIES.find((story) => story.id === id)!.steps);

/** What somebody was answered, in order: the row of the rule, or the code, or the status. */
const answersTo = ({ world }: Stage, who: ActorId): unknown[] =>
  world.exchanges
    .filter(({ actor }) => actor === who)
    .map((exchange) => (exchange.isLost ? 'lost' : (exchange.decision?.kind ?? codeOf(exchange) ?? exchange.status)));

const holds = ({ devices }: Stage, who: Holder): number | undefined => seqOf(devices[who].held?.refresh);
const toldEnd = ({ devices }: Stage, who: Holder): string | undefined => devices[who].end?.code;

describe('the stories of the playground end as they promise, by what the service really answers', () => {
  it('two tabs with one token get the same successor, and nobody is signed out', async () => {
    const stage = await played('tabs');
    expect(answersTo(stage, 'tab-b')).toEqual(['replay', 200]);
    const [a, b] = [stage.devices['tab-a'].held!, stage.devices['tab-b'].held!];
    expect([a.sid, seqOf(a.refresh), seqOf(b.refresh)]).toEqual([b.sid, 2, 1]);
    expect(stage.world.state.sessions).toHaveLength(1);
  });

  it('a phone whose answer was lost gets the token three hours later, by its Idempotency-Key', async () => {
    const stage = await played('lost');
    expect(answersTo(stage, 'phone')).toEqual([200, 'lost', 'replay', 200]);
    expect(stage.world.exchanges.at(-2)!.decision).toEqual({ kind: 'replay', age: 3 * 3_600_000, sameAttempt: true });
    expect(holds(stage, 'phone')).toBe(1);
  });

  it('a copied token that was used already ends the session, and its owner is told why', async () => {
    const stage = await played('thief');
    expect(answersTo(stage, 'thief')).toEqual(['reuse']);
    expect(toldEnd(stage, 'tab-a')).toBe('token_reused');
    expect(stage.world.state.sessions).toEqual([]);
  });

  it('a new password ends the phone and the thief at once, and the tab goes on', async () => {
    const stage = await played('password');
    expect(answersTo(stage, 'thief')).toEqual(['session_revoked']);
    expect(toldEnd(stage, 'phone')).toBe('session_revoked');
    expect(stage.world.state.sessions.map(({ sid }) => sid)).toEqual([stage.devices['tab-a'].held!.sid]);
  });

  it('a tab that is ended from the phone is refused at its next request, though its token is good for longer', async () => {
    const stage = await played('revoke');
    expect(answersTo(stage, 'tab-a')).toEqual([200, 200, 'session_revoked', 'session_revoked']);
    expect(answersTo(stage, 'phone')).toEqual([200, 204, 200]);
    expect(stage.world.state.sessions.map(({ sid }) => sid)).toEqual([stage.devices.phone.held!.sid]);
  });

  it('and no user, session or event of the service comes of it', async () => {
    const stage = await played('thief');
    const { body } = stage.world.exchanges[0]!;
    expect(
      (await service.call('/auth/login', { body: { ...(body as object), device_name: undefined } })).body.code,
    ).toBe('invalid_credentials');
  });
});

describe('a story that is copied as a test', () => {
  /** Everything that the reader's own story may have in it, with options that are not the defaults. */
  const OWN = [
    'tab-a.sign-in,tab-b.join.tab-a,phone.sign-in,thief.steal.tab-b,wait.16m,tab-a.use,tab-b.use,thief.use-stolen',
    'phone.lose-answer,wait.1m,phone.use,phone.end.tab-a,tab-a.use,tab-b.sign-out,tab-b.sign-in,phone.end-others',
    'tab-b.use,phone.change-password,wait.20m,phone.use,phone.sign-out',
  ].join();
  const POLICY = { accessTtl: '15m', grace: '1m' };
  /** The project's own, without the servers that its tests have. */
  const COPIED = `
    import config from '../../jest.config.js';
    const { globalSetup, globalTeardown, setupFilesAfterEnv, ...rest } = config;
    const folder = import.meta.dirname;
    export default { ...rest, rootDir: folder + '/../..', roots: [folder], maxWorkers: 1 };
  `;

  it('compiles, runs by itself, and passes', async () => {
    const told = [];
    for (const { title, promise, steps } of STORIES) {
      const { moments } = await performed(steps);
      told.push(testOf({ title: `${title}: ${promise}`, moments, policy: {} }));
    }
    const { moments } = await performed(stepsOf(OWN)!, POLICY);
    told.push(testOf({ title: 'a story of my own', moments, policy: POLICY }));
    expect(compilerFaults(told)).toEqual([]);

    // Inside the project, so that packages are found.
    const folder = join(root, '.cache', `copied-${process.pid}`);
    try {
      await mkdir(folder, { recursive: true });
      for (const [index, text] of told.entries()) await writeFile(join(folder, `copied-${index}.spec.ts`), text);
      const config = join(folder, 'jest.config.mjs');
      await writeFile(config, COPIED);
      const jest = [join(root, 'node_modules/jest/bin/jest.js'), '--config', config, '--json', '--silent'];
      const { stdout, stderr } = spawnSync(process.execPath, jest, { encoding: 'utf8', maxBuffer: 2 ** 26 });
      const result = JSON.parse(stdout || '{}') as { numPassedTests?: number; success?: boolean };
      expect(result.success ? '' : stderr).toBe('');
      expect(result.numPassedTests).toBe(told.length);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

/** `fetch` does not let a test say where it is from. */
const ask = (path: string, headers: Record<string, string>, method = 'GET'): Promise<number> =>
  new Promise((resolve, reject) => {
    const sent = request(`${service.url}${path}`, { method, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode!);
    });
    sent.on('error', reject).end();
  });

describe('the playground answers this machine and its own page alone', () => {
  const LOCAL = { host: 'localhost:3000' };
  const NAVIGATION = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

  it.each(['localhost:3000', '127.0.0.1', '[::1]:3000'])('as %s', async (host) => {
    expect(await ask('/', { host })).toBe(200);
  });

  it.each(['evil.example', 'localhost.evil.example', '192.168.1.2:3000', 'localhost:3000.evil.example'])(
    'not as %s, a name that its attacker has pointed here',
    async (host) => {
      for (const path of ['/', '/playground/playground.js', '/playground/policy']) {
        expect(await ask(path, { host })).toBe(403);
      }
    },
  );

  it('links of other sites lead to the page, and to nothing else', async () => {
    const foreign = { ...LOCAL, 'sec-fetch-site': 'cross-site' };
    expect(await ask('/', { ...foreign, ...NAVIGATION })).toBe(200);
    expect(await ask('/', { ...foreign, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' })).toBe(403);
    expect(await ask('/playground/policy', { ...foreign, ...NAVIGATION })).toBe(403);
    expect(await ask('/playground/worlds', { ...foreign, 'sec-fetch-mode': 'cors' }, 'POST')).toBe(403);
  });

  it('pages of another port of this machine are pages of somebody else', async () => {
    const other = { ...LOCAL, 'sec-fetch-site': 'same-site', origin: 'http://localhost:4000' };
    expect(await ask('/playground/worlds', other, 'POST')).toBe(403);
    expect(await ask('/playground/worlds', { ...LOCAL, origin: 'http://localhost:4000' }, 'POST')).toBe(403);
  });

  it('in no frame, without inline script, and is asked for again only when it has changed', async () => {
    const { headers } = await fetch(`${service.url}/`);
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
        "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    );
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect((await fetch(`${service.url}/`, { headers: { 'if-none-match': headers.get('etag')! } })).status).toBe(304);
  });
});

describe('what the playground cannot do is answered with a sentence, and never a fault', () => {
  const post = (path: string, body: object) => service.call(`/playground/worlds${path}`, { body });

  it.each<[path: string, body: object, status: number, message: RegExp]>([
    ['', { policy: { accessTtl: 'long' } }, 400, /accessTtl is 'long'; it must be a duration with its unit/],
    ['', { policy: { accessTtl: '400d', absoluteTtl: '1d' } }, 400, /accessTtl/],
    ['/none/clock', { advance: '1m' }, 404, /no such world/],
    ['/WORLD/clock', { advance: 'a while' }, 400, /must be a duration with its unit/],
    ['/WORLD/clock', {}, 400, /must be a duration with its unit/],
    ['/WORLD/thefts', { sid: 'none' }, 404, /No refresh token of that session/],
    ['/WORLD/nobody/auth/refresh', {}, 404, /no such world/],
  ])('%s %j', async (path, body, status, message) => {
    const { id } = (await post('', {})).body as { id: string };
    const answer = await post(path.replace('WORLD', id), body);
    expect([answer.status, answer.body.message]).toEqual([status, expect.stringMatching(message)]);
  });

  it('worlds that nobody uses make room, and a page of such a one is told so', async () => {
    const { id } = (await post('', {})).body as { id: string };
    for (let count = 0; count < 12; count++) await post('', {});
    expect((await service.call(`/playground/worlds/${id}`)).status).toBe(404);
  });
});
