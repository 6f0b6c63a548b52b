import { least, middle, spread, whole } from './rounds.mjs';
import { startServer } from './server-process.mjs';
import { printTable } from './table.mjs';

/** What verifying and signing cost by themselves, on one core: docs/performance.md, goal 4. */
export async function verifier({ rounds = 5, milliseconds = 200, only = /./ }) {
  const server = await startServer('verifier.mjs', { rounds, milliseconds });
  await server.stop();
  const rows = server.results
    .filter(({ name }) => only.test(name))
    .map(({ name, samples }) => ({
      work: name,
      'per second and core': whole(1e6 / least(samples, 'cpu')),
      median: whole(middle(samples, 'perSecond')),
      'min–max': spread(samples, 'perSecond'),
      'CPU µs': least(samples, 'cpu').toFixed(2),
    }));
  printTable('Verifier, no HTTP', rows);
}
