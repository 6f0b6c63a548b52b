import { PASSWORD } from './target.mjs';

/** How well one list is told from another by size alone: 0.5 is not at all, 0 and 1 are always. */
function auc(ours, others) {
  let wins = 0;
  for (const a of ours) for (const b of others) wins += a < b ? 1 : a === b ? 0.5 : 0;
  return wins / (ours.length * others.length);
}

/**
 * Whether the time of a refused login tells an unknown address from one that has an account. The figure needs a quiet
 * machine and many pairs, so a short run shows it and decides nothing.
 */
export async function timing(target, chance, short) {
  const pairs = short ? 50 : 2_000;
  const { email } = await target.account();
  const times = { known: [], unknown: [] };
  for (let n = 0; n < pairs; n++) {
    for (const who of chance.happens(0.5) ? ['known', 'unknown'] : ['unknown', 'known']) {
      const address = who === 'known' ? email : `nobody-${chance.text()}@shop.example`;
      const asked = performance.now();
      const answer = await target.call('/auth/login', {
        body: { email: address, password: `${PASSWORD}!`, client_id: 'app' },
      });
      if (answer.status === 401) times[who].push(performance.now() - asked);
    }
  }
  // Where logins are limited, what was answered before the limit is all there is.
  const seen = Math.min(times.known.length, times.unknown.length);
  if (seen < pairs / 2) return { count: seen, faults: [] };
  const figure = auc(times.known, times.unknown);
  process.stdout.write(`         AUC of unknown and known addresses by time: ${figure.toFixed(3)}\n`);
  const told = !short && (figure < 0.45 || figure > 0.55);
  return { count: pairs * 2, faults: told ? [`unknown addresses are told by time: AUC ${figure.toFixed(3)}`] : [] };
}
