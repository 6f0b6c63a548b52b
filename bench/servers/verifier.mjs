import { randomBytes, randomUUID } from 'node:crypto';
import { build, other } from '../build.mjs';
import { content, tokenShop } from '../tokens.mjs';
import { interleave } from '../rounds.mjs';
import { guardCases } from './guard-alone.mjs';

// No HTTP: the library's own verifiers and signers in a loop, by the CPU time that this process used.
const { rounds, milliseconds, algorithms = ['HS256', 'ES256', 'RS256', 'PS256'] } = JSON.parse(process.argv[2]);
const BATCH = 500;

const batch = (make) => Array.from({ length: BATCH }, make);
const refuses = (work) => (token) => {
  try {
    work(token);
  } catch (error) {
    if (error.code === 'token_invalid') return;
    throw error;
  }
  throw new Error('garbage was accepted');
};

async function casesOf(from, suffix) {
  const shop = await tokenShop('ES256', from);
  const stranger = await tokenShop('ES256', from);
  const verify = (token) => shop.refreshTokens.readSigned(token, Date.now());
  const record = () => {
    const now = Date.now();
    const absoluteEnd = Math.floor(now / 1000) * 1000 + 90 * 24 * 3600_000;
    const sid = randomBytes(16).toString('base64url');
    return { sub: randomUUID(), sid, clientId: 'default', seq: 3, generation: 0, rotatedAt: now, absoluteEnd };
  };
  const sec = randomBytes(16).toString('base64url');
  const sign = ({ refreshTokens }) => refreshTokens.sign(record(), sec, Date.now());
  const wrongMac = () => sign(shop).replace(/[^.]+$/, randomBytes(32).toString('base64url'));
  const garbage = (name, make) => ({ name: `refuse: ${name}`, inputs: batch(make), work: refuses(verify) });
  const cases = [
    garbage('random text', () => randomBytes(320).toString('base64url')),
    garbage('three random parts', () =>
      [36, 250, 32].map((bytes) => randomBytes(bytes).toString('base64url')).join('.'),
    ),
    garbage('right header, wrong MAC', wrongMac),
    garbage('foreign kid', () => sign(stranger)),
    garbage('an access token', () => shop.issue(randomUUID())),
    { name: 'verify a refresh token', inputs: batch(() => sign(shop)), work: verify },
    {
      name: 'sign a refresh token',
      inputs: batch(record),
      work: (made) => shop.refreshTokens.sign(made, sec, Date.now()),
    },
  ];
  for (const algorithm of algorithms) {
    const { service, issue } = await tokenShop(algorithm, from);
    cases.push(
      {
        name: `verify an access token, ${algorithm}`,
        inputs: batch(() => issue(randomUUID())),
        work: (token) => service.verify(token),
      },
      {
        name: `issue an access token, ${algorithm}`,
        inputs: batch(() => content(randomUUID())),
        work: (made) => service.issue(made),
      },
    );
  }
  cases.push(...(await guardCases(from, BATCH)));
  return cases.map((one) => ({ ...one, name: one.name + suffix }));
}

/** Calls per second of CPU. */
function measure({ inputs, work }) {
  let calls = 0;
  const until = performance.now() + milliseconds;
  const before = process.cpuUsage();
  while (performance.now() < until) {
    for (let index = 0; index < 20; index++) work(inputs[calls++ % BATCH]);
  }
  const { user, system } = process.cpuUsage(before);
  return { perSecond: (calls / (user + system)) * 1e6, cpu: (user + system) / calls };
}

const cases = [...(await casesOf(build, '')), ...(other ? await casesOf(other, ' (against)') : [])];
for (const one of cases) measure(one);
const samples = await interleave(cases, rounds, async (one) => measure(one));
process.send({ results: [...samples].map(([{ name }, own]) => ({ name, samples: own })) });
process.on('disconnect', () => undefined);
