import { measure, warmUp } from '../measure.mjs';
import { interleave, least, middle, whole } from '../rounds.mjs';
import { startServer } from '../server-process.mjs';

/** Before so many requests the code is slower by a multiple, however long they take; after so long it is fast enough. */
const WARM = { atLeast: 6_000, forAtMost: 4_000 };
export const SATURATING = 50;
export const MODERATE = 8;

/**
 * Starts, warms, and measures in turn.
 * @param variants the first is what the others are compared with, but for one that names another in `beside`. One with
 * `guarded` must answer 401 at that path to a request without a token
 */
export async function sampled(variants, { rounds, milliseconds, redis, only, connections = SATURATING }) {
  const named = variants.filter(({ name }) => !only || only.test(name));
  const beside = new Set([variants[0].name, ...named.map((variant) => variant.beside)]);
  const chosen = variants.filter((variant) => named.includes(variant) || beside.has(variant.name));
  for (const variant of chosen) {
    variant.server = await startServer(variant.file, variant.config);
    if (variant.guarded) await refusesStrangers(variant);
    variant.next = variant.nextOf(variant.server);
    await warmUp({ server: variant.server, next: variant.next.inTurn ?? variant.next, connections, ...WARM });
  }
  const samples = await interleave(chosen, rounds, async ({ server, next }) => {
    const before = await redis.cpu();
    const sample = await measure({ server, next, connections, milliseconds });
    return { ...sample, redis: ((await redis.cpu()) - before) / sample.requests };
  });
  await Promise.all(chosen.map(({ server }) => server.stop()));
  return samples;
}

/** @throws Error when the guard lets everybody in: what does not guard must not look fast */
async function refusesStrangers({ name, guarded, server }) {
  const { status } = await fetch(`http://127.0.0.1:${server.port}${guarded}`);
  if (status !== 401) throw new Error(`${name} answers ${status} without a token, not 401`);
}

/** One of them by chance; before it is measured each in turn, so that each was seen. */
export function anyOf(requests) {
  let sent = 0;
  const inTurn = () => requests[sent++ % requests.length];
  return Object.assign(() => requests[Math.floor(Math.random() * requests.length)], { inTurn });
}

/** For people: throughput, CPU time, and both comparisons by CPU. The first compares with what a variant stands beside. */
export function rowsOf(samples, reference, withRedis = false) {
  const [first] = samples.values();
  const cpu = (own) => least(own, 'cpu');
  const keyturn = [...samples].find(([{ name }]) => name.startsWith('Keyturn'))?.[1];
  const besideOf = ({ beside }) => [...samples].find(([{ name }]) => name === beside)?.[1] ?? first;
  return [...samples].map(([variant, own]) => ({
    variant: variant.name,
    'requests/s': whole(middle(own, 'perSecond')),
    'CPU µs': cpu(own).toFixed(1),
    ...(withRedis && { 'Redis CPU µs': least(own, 'redis').toFixed(1) }),
    [`of ${reference}, by CPU`]: (cpu(besideOf(variant)) / cpu(own)).toFixed(3),
    ...(keyturn && { 'times the CPU of the first Keyturn': (cpu(own) / cpu(keyturn)).toFixed(2) }),
  }));
}
