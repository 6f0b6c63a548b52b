import { drive, percentile } from './load.mjs';

const WARM_AFTER = 15_000;
const WARM_FOR_AT_MOST = 4_000;

/**
 * Sends requests until the code that answers them is compiled; `atLeast` so many, however long that takes.
 * @param forAtMost milliseconds
 */
export async function warmUp({ server, connections, next, status, atLeast = 0, forAtMost = WARM_FOR_AT_MOST }) {
  let sent = 0;
  let spent = 0;
  while (sent < atLeast || (sent < WARM_AFTER && spent < forAtMost)) {
    const run = await drive({ port: server.port, connections, milliseconds: 250, next, status });
    sent += run.requests;
    spent += run.milliseconds;
  }
}

/**
 * One sample: throughput, latencies in milliseconds, and the server's own CPU time per request in microseconds, which
 * moves less than throughput when the machine has other work.
 */
export async function measure({ server, connections, milliseconds, next, status }) {
  const before = await server.cpu();
  const run = await drive({ port: server.port, connections, milliseconds, next, status });
  const cpu = (await server.cpu()) - before;
  return {
    requests: run.requests,
    perSecond: (run.requests / run.milliseconds) * 1000,
    p50: percentile(run.latencies, 0.5),
    p99: percentile(run.latencies, 0.99),
    cpu: cpu / run.requests,
    busy: cpu / 1000 / run.milliseconds,
  };
}
