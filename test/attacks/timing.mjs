import { PASSWORD } from './target.mjs';

/** How well one list is told from another by size alone: 0.5 is not at all, 0 and 1 are always. */
function auc(ours, others) {
  let wins = 0;
  for (const a of ours) for (const b of others) wins += a < b ? 1 : a === b ? 0.5 : 0;
  return wins / (ours.length * others.length);
}

const KINDS = ['known', 'unknown', 'disabled'];
const PAIRS = [
  ['known', 'unknown'],
  ['known', 'disabled'],
  ['unknown', 'disabled'],
];

/**
 * Whether the time of a refused login tells an unknown address, a wrong password and a disabled account (with its right
 * password) from each other. The figure needs a quiet machine and many rounds, so a short run shows it and decides nothing.
 */
export async function timing(target, chance, short) {
  const parts = [await logins(target, chance, short), await resets(target, chance, short)];
  return { count: parts[0].count + parts[1].count, faults: parts.flatMap(({ faults }) => faults) };
}

/** The same for the request of a mail with a ticket: 2,000 requests, interleaved. */
async function resets(target, chance, short) {
  const pairs = short ? 50 : 1_000;
  const { email } = await target.account();
  const times = { known: [], unknown: [] };
  for (let n = 0; n < pairs; n++) {
    for (const who of chance.happens(0.5) ? ['known', 'unknown'] : ['unknown', 'known']) {
      const address = who === 'known' ? email : `nobody-${chance.text().toLowerCase()}@shop.example`;
      const asked = performance.now();
      const answer = await target.call('/auth/password-reset/request', { body: { email: address } });
      if (answer.status === 202) times[who].push(performance.now() - asked);
    }
  }
  const answered = Math.min(times.known.length, times.unknown.length);
  if (answered < pairs * 0.9)
    return { count: answered, faults: [`only ${answered} of ${pairs} requests were answered`] };
  const figure = auc(times.known, times.unknown);
  process.stdout.write(`         AUC of a reset's request by time: ${figure.toFixed(3)}\n`);
  const told = !short && (figure < 0.45 || figure > 0.55);
  return { count: pairs * 2, faults: told ? [`a reset's request tells by time: AUC ${figure.toFixed(3)}`] : [] };
}

async function logins(target, chance, short) {
  const rounds = short ? 50 : 2_000;
  const { email } = await target.account();
  const addresses = {
    known: () => email,
    unknown: () => `nobody-${chance.text()}@shop.example`,
    disabled: () => target.disabled,
  };
  const times = { known: [], unknown: [], disabled: [] };
  const faults = [];
  for (let n = 0; n < rounds; n++) {
    const start = chance.between(0, 2);
    for (const kind of [...KINDS.slice(start), ...KINDS.slice(0, start)]) {
      const password = kind === 'disabled' ? PASSWORD : `${PASSWORD}!`;
      const body = { email: addresses[kind](), password, client_id: 'app' };
      const asked = performance.now();
      const answer = await target.call('/auth/login', { body });
      times[kind].push(performance.now() - asked);
      if (answer.body?.code !== 'invalid_credentials')
        faults.push(`${kind}: ${answer.status} ${answer.text.slice(0, 60)}`);
    }
  }
  for (const [one, other] of PAIRS) {
    const figure = auc(times[one], times[other]);
    process.stdout.write(`         AUC of ${one} and ${other} by time: ${figure.toFixed(3)}\n`);
    if (!short && (figure < 0.45 || figure > 0.55)) {
      faults.push(`${one} and ${other} are told apart by time: AUC ${figure.toFixed(3)}`);
    }
  }
  return { count: rounds * KINDS.length, faults };
}
