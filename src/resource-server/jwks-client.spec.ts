import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Logger } from '@nestjs/common';
import { giving, movingFrom, openDoor, type FrontDoor } from '../../test/support/front-door.js';
import { DAY } from '../options/durations.js';
import { generateKeys } from '../tokens/generate-keys.js';
import { COOL_DOWN, JwksClient } from './jwks-client.js';
import { parseKeyRing } from '../tokens/key-ring.js';
import type { Jwk } from '../tokens/ring-key.js';
import { eventually } from '../../test/support/eventually.js';

const publicKey = (kid: string): Jwk => ({ ...parseKeyRing(generateKeys(), 'ES256').publicJwks(0).keys[0]!, kid });
const [a, b] = [publicKey('a'), publicKey('b')];

let door: FrontDoor;
let now: number;
let retired: number;
let client: JwksClient;
const told: string[] = [];

beforeEach(async () => {
  for (const level of ['warn', 'error', 'log'] as const) {
    jest
      .spyOn(Logger.prototype, level)
      .mockImplementation((...[line]: unknown[]) => void told.push(`${level}: ${String(line)}`));
  }
  told.length = 0;
  now = 1_000_000;
  retired = 0;
  door = await openDoor(giving({ keys: [a] }));
  client = new JwksClient(
    new URL(`${door.url}/jwks.json`),
    () => void retired++,
    () => now,
  );
});
afterEach(async () => {
  client.close();
  jest.restoreAllMocks();
  await door.close();
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const knows = (kid: string): boolean => client.verifying('access', kid, 'ES256') !== undefined;
const codeOf = async (kid: string): Promise<string> =>
  (client.settle(kid, 'ES256') ?? Promise.resolve()).then(
    () => (knows(kid) ? 'known' : 'unknown'),
    ({ code, retryAfter }: { code: string; retryAfter?: number }) =>
      retryAfter === undefined ? code : `${code}, again in ${retryAfter} s`,
  );

describe('the keys of an auth service', () => {
  it('are fetched once at the start, and a token that names one of them costs no request', async () => {
    await client.start();
    expect([await codeOf('a'), await codeOf('a'), door.seen]).toEqual(['known', 'known', ['GET /jwks.json']]);
  });

  it('are asked for once by all who need them at once', async () => {
    expect(await Promise.all(Array.from({ length: 50 }, () => codeOf('a')))).toEqual(Array(50).fill('known'));
    expect(door.seen).toHaveLength(1);
  });

  it('are asked for again by an unknown kid, but once in a cool-down, whatever the kids', async () => {
    await client.start();
    door.answer(giving({ keys: [a, b] }));
    now += COOL_DOWN;
    expect(await codeOf('b')).toBe('known');
    for (let index = 0; index < 100; index++) expect(await codeOf(`k${index}`)).not.toBe('known');
    expect(door.seen).toHaveLength(2);
  });

  it('are not said to lack one that nobody has looked for since, whatever garbage came before: a client would log in', async () => {
    await client.start();
    now += COOL_DOWN;
    expect(await codeOf('garbage')).toBe('unknown');
    door.answer(giving({ keys: [a, b] }));
    now += 2_000;
    expect(await codeOf('b')).toBe('token_expired');
    expect(await codeOf('garbage')).toBe('unknown');
    now += 3_000;
    expect(await codeOf('b')).toBe('known');
    expect(door.seen).toHaveLength(3);
  });

  it('are not said to lack one by an answer that was asked for before it came', async () => {
    await client.start();
    now += COOL_DOWN;
    const [first, second] = [codeOf('garbage'), codeOf('b')];
    expect([await first, await second]).toEqual(['unknown', 'token_expired']);
  });

  it('go on through an outage for a day, and then are trusted no more', async () => {
    await client.start();
    door.shut();
    now += DAY - 1;
    await client.refresh();
    expect([await codeOf('a'), retired]).toEqual(['known', 0]);
    now += 1;
    await client.refresh();
    expect([await codeOf('a'), retired]).toEqual(['temporarily_unavailable, again in 5 s', 1]);
    expect(told.map((line) => line.split(' ', 1)[0])).toEqual(['warn:', 'error:']);
  });

  it('are not known to lack a key while the service is away: that is 503, and no request within the cool-down', async () => {
    door.shut();
    await client.start();
    now += 2_000;
    expect(await codeOf('a')).toBe('temporarily_unavailable, again in 3 s');
    expect(door.seen).toHaveLength(1);
    door.answer(giving({ keys: [a] }));
    now += 3_000;
    expect(await codeOf('a')).toBe('known');
    expect(told).toEqual([expect.stringMatching(/^warn: .*503/), expect.stringMatching(/^log: .*are there/)]);
  });

  it('tell of a key that is gone or was replaced, so that what it verified is forgotten', async () => {
    await client.start();
    door.answer(giving({ keys: [a, b] }));
    await client.refresh();
    expect(retired).toBe(0);
    door.answer(giving({ keys: [b] }));
    await client.refresh();
    expect([retired, knows('a'), knows('b')]).toEqual([1, false, true]);
  });

  it('tell once of a key that is no use, and use the others', async () => {
    door.answer(giving({ keys: [a, { kty: 'oct', k: 'c2VjcmV0', kid: 'hs' }] }));
    await client.start();
    await client.refresh();
    expect(knows('a')).toBe(true);
    expect(told).toEqual([expect.stringMatching(/^warn: Not used of .*"hs" is a secret/)]);
    expect(told.join()).not.toContain('c2VjcmV0');
  });

  it.each<[string, Parameters<FrontDoor['answer']>[0]]>([
    ['an error', giving({ keys: [b] }, 500)],
    ['a redirect', movingFrom('/jwks.json', 302, giving({ keys: [b] }))],
    ['what is no JSON', (_, response) => void response.end('<html>')],
    ['no key that is fit', giving({ keys: [{ kty: 'oct', k: 'AA', kid: 'b' }] })],
    ['too many keys', giving({ keys: Array.from({ length: 21 }, (_, index) => ({ ...b, kid: `k${index}` })) })],
    ['more than 64 KiB', giving({ keys: [b], padding: 'x'.repeat(64 * 1024) })],
    [
      'half an answer',
      (_, response) => void response.writeHead(200, { 'content-length': 99 }).write('{', () => response.destroy()),
    ],
  ])('stay as they were when the service answers with %s', async (_what, answer) => {
    await client.start();
    door.answer(answer);
    await client.refresh();
    expect([knows('a'), knows('b'), retired]).toEqual([true, false, 0]);
    expect(told).toEqual([expect.stringMatching(/^warn: The keys of .* cannot be fetched/)]);
  });

  it('tell each reason once, as a service that comes up does not cure a wrong address', async () => {
    door.answer((_, response) => void response.destroy());
    await client.start();
    await client.refresh();
    door.answer(giving({}, 404));
    await client.refresh();
    await client.refresh();
    door.answer(movingFrom('/jwks.json', 301, giving({ keys: [a] })));
    await client.refresh();
    const reasons = ['UND_ERR_SOCKET', 'it answered 404', 'unexpected redirect'];
    expect(told).toEqual(reasons.map((reason) => expect.stringContaining(reason)));
  });

  it('are not waited for when the application ends', async () => {
    door.answer(() => undefined);
    const waiting = client.start();
    client.close();
    await waiting;
    expect([knows('a'), told]).toEqual([false, []]);
  });

  it('are not waited for for ever when an answer stalls inside its body, and are fetched again afterwards', async () => {
    door.answer((_, response) => void response.writeHead(200).write('{"keys":['));
    const waiting = codeOf('a');
    // What only a signal holds is collected as garbage before it fires (Node 20 and 22).
    for (let time = 0; time < 10; time++) {
      await pause(50);
      collectGarbage();
    }
    expect(await waiting).toMatch(/^temporarily_unavailable/);
    expect(told).toEqual([expect.stringContaining('no whole answer came within 3 s')]);
    door.answer(giving({ keys: [a] }));
    // On a busy machine this one may be late, too.
    await eventually(async () => {
      now += COOL_DOWN;
      return (await codeOf('a')) === 'known';
    });
  });

  it('are read from an answer that comes drop by drop for no longer than any other', async () => {
    let drops: NodeJS.Timeout | undefined;
    door.answer((_, response) => {
      response.writeHead(200);
      drops = setInterval(() => response.write(' '), 100);
      response.on('close', () => clearInterval(drops));
    });
    expect(await codeOf('a')).toMatch(/^temporarily_unavailable/);
    clearInterval(drops);
  });
});
