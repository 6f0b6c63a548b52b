import { measure, warmUp } from '../measure.mjs';
import { interleave, least, middle, whole } from '../rounds.mjs';
import { startServer } from '../server-process.mjs';

/** Before so many requests the code is slower by a multiple, however long they take; after so long it is fast enough. */
const WARM = { atLeast: 6_000, forAtMost: 4_000 };
export const SATURATING = 50;
export const MODERATE = 8;

/** Starts, warms, and measures in turn; the first variant is what the others are compared with. */
export async function sampled(variants, { rounds, milliseconds, redis, only, connections = SATURATING }) {
  const chosen = variants.filter(({ name }, index) => index === 0 || !only || only.test(name));
  for (const variant of chosen) {
    variant.server = await startServer(variant.file, variant.config);
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

/** One of them by chance; before it is measured each in turn, so that each was seen. */
export function anyOf(requests) {
  let sent = 0;
  const inTurn = () => requests[sent++ % requests.length];
  return Object.assign(() => requests[Math.floor(Math.random() * requests.length)], { inTurn });
}

/** For people: throughput, CPU time, and both comparisons by CPU. */
export function rowsOf(samples, reference, withRedis = false) {
  const [first] = samples.values();
  const cpu = (own) => least(own, 'cpu');
  const keyturn = [...samples].find(([{ name }]) => name.startsWith('Keyturn'))?.[1];
  return [...samples].map(([{ name }, own]) => ({
    variant: name,
    'requests/s': whole(middle(own, 'perSecond')),
    'CPU µs': cpu(own).toFixed(1),
    ...(withRedis && { 'Redis CPU µs': least(own, 'redis').toFixed(1) }),
    [`of ${reference}, by CPU`]: (cpu(first) / cpu(own)).toFixed(3),
    ...(keyturn && { 'times the CPU of the first Keyturn': (cpu(own) / cpu(keyturn)).toFixed(2) }),
  }));
}
