import { setTimeout as sleep } from 'node:timers/promises';
import { inParallel, startTarget } from './target.mjs';

/** What an hour allows for one account over all sources. */
const MOST_CHECKED = 50;
/** Milliseconds within which an honest login is answered while somebody floods the queue of hashes. */
const LONGEST_HONEST = 2_000;
const OPEN = 400;
const PAUSE = 250;

/**
 * Guessing with everything that an attacker has: many addresses, and many logins at once. Each half has a service of its
 * own, with limits as they ship, and with limits so wide that the queue of hashes alone is left.
 */
export async function guessing(_target, chance, short) {
  const one = await guessAtOne(chance, short);
  const flood = await floodQueue(short);
  return { count: one.count + flood.count, faults: [...one.faults, ...flood.faults] };
}

/** 10,000 guesses at one account from 500 addresses; its owner, on a device that is known, logs in meanwhile. */
async function guessAtOne(chance, short) {
  const [guesses, sources] = short ? [1_000, 50] : [10_000, 500];
  const target = await startTarget({ TRUST_PROXY: '127.0.0.1', LOGIN_LIMITS: '' }, false);
  try {
    const { email, device } = await target.account();
    const owner = [];
    // One after the other, as a person does: a device may not try more than ten passwords at once.
    let before = Promise.resolve();
    const login = () => {
      before = before.then(async () => {
        const from = { 'x-forwarded-for': '203.0.113.7' };
        owner.push((await target.login(email, { device_token: device }, from)).status);
      });
      return before;
    };
    const answers = new Map();
    await inParallel(guesses, 32, async (n) => {
      if (n % Math.ceil(guesses / 20) === 0) await login();
      const from = n % sources;
      const headers = { 'x-forwarded-for': `198.18.${from >> 8}.${from & 255}` };
      const body = { email, password: `guess ${chance.text()} ${n}`, client_id: 'app' };
      const { status } = await target.call('/auth/login', { headers, body });
      answers.set(status, (answers.get(status) ?? 0) + 1);
    });
    await login();
    const checked = answers.get(401) ?? 0;
    const faults = [];
    if (checked > MOST_CHECKED) faults.push(`${checked} passwords were checked in an hour, and not ${MOST_CHECKED}`);
    if (checked + (answers.get(429) ?? 0) + (answers.get(503) ?? 0) !== guesses)
      faults.push(`other answers than 401, 429 and 503: ${JSON.stringify([...answers])}`);
    if (checked === 0) faults.push('no password was checked: is it the service?');
    const out = owner.filter((status) => status !== 200);
    if (out.length > 0) faults.push(`the owner was kept out ${out.length} times of ${owner.length}: ${out.join(' ')}`);
    process.stdout.write(
      `         ${checked} of ${guesses} guesses were checked, ${owner.length} logins of the owner\n`,
    );
    return { count: guesses, faults };
  } finally {
    await target.stop();
  }
}

/** Wrong logins of one source, 400 always open; how long do honest ones of others take? */
async function floodQueue(short) {
  const honest = short ? 20 : 100;
  const wide = '{"source":"10000/1s","accountSource":"10000/1s","account":"10000/1s","register":"1000/1h"}';
  const target = await startTarget({ TRUST_PROXY: '127.0.0.1', LOGIN_LIMITS: wide }, false);
  try {
    const people = [];
    for (let n = 0; n < 10; n++) people.push(await target.account());
    const over = new AbortController();
    let sent = 0;
    const keepOneOpen = async (lane) => {
      while (!over.signal.aborted) {
        sent += 1;
        const body = { email: `nobody-${lane}-${sent}@shop.example`, password: 'wrong horse', client_id: 'app' };
        const headers = { 'x-forwarded-for': '198.18.0.1' };
        const answer = await target.call('/auth/login', { headers, body }).catch(() => null);
        // One that finds no room comes again soon; what is looked at is the queue, and not who floods the network.
        if (answer?.status !== 401) await sleep(PAUSE);
      }
    };
    const flood = Promise.all(Array.from({ length: OPEN }, (_, lane) => keepOneOpen(lane)));
    const times = [];
    const faults = [];
    for (let n = 0; n < honest; n++) {
      const asked = performance.now();
      const headers = { 'x-forwarded-for': `203.0.113.${1 + (n % 200)}` };
      const { status } = await target.login(people[n % 10].email, {}, headers).catch(() => ({ status: 'not at all' }));
      times.push(performance.now() - asked);
      if (status !== 200) faults.push(`an honest login was answered ${status}`);
    }
    over.abort();
    await flood;
    const p99 = times.toSorted((a, b) => a - b)[Math.ceil(honest * 0.99) - 1];
    const shown = `${Math.round(p99)} ms`;
    process.stdout.write(`         p99 of ${honest} honest logins beside ${OPEN} open wrong ones: ${shown}\n`);
    // The figure needs a quiet machine, so a short run shows it and decides nothing.
    if (!short && p99 > LONGEST_HONEST) faults.push(`honest logins wait for a flood from elsewhere: p99 ${shown}`);
    return { count: sent + honest, faults };
  } finally {
    await target.stop();
  }
}
