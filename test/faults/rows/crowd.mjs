import { makeKeys } from '../instance.mjs';
import { startFleet } from '../fleet.mjs';
import { startRedis } from '../redis.mjs';

const AT_ONCE = 50;
const SESSIONS = 16;
/** How many requests are held against the rule of a session; of the others it is counted what they got. */
const WRITTEN = 40_000;

/** Fifty tabs, spread over all processes, wake up with the same token; then again with its successor. */
async function everyTabAtOnce(row) {
  const { own, tally, chance, size } = row;
  const redis = own(await startRedis());
  const config = { store: { url: redis.url, commandTimeout: '2s' }, keys: await makeKeys() };
  const { members } = own(await startFleet(4, config, { ...row, short: false }));
  let tokens = await members[0].ask('open', { subs: Array.from({ length: SESSIONS }, () => chance.text()) });
  for (const token of tokens) tally.history.opened(token);
  const rounds = Math.ceil(size / (AT_ONCE * SESSIONS));
  let grandparents = [];
  let parents = [];
  for (let round = 0; round < rounds; round += 1) {
    // A million would not fit into the memory.
    if (tally.history.size > WRITTEN) tally.history.close();
    const next = await oneRound(members, tokens, { tally, chance });
    // A session without exactly one successor is counted; the others go on.
    const whole = next.map((successors) => successors.length === 1);
    [grandparents, parents, tokens] = [parents, tokens, next.map(([successor]) => successor)].map((list) =>
      list.filter((_, at) => whole[at]),
    );
    if (tokens.length === 0) break;
  }
  tally.auditing = true;
  for (const [index, dead] of grandparents.entries()) {
    for (const token of [dead, tokens[index]]) {
      const { status } = await chance.of(members).door.refresh(token);
      if (status !== 401) tally.count('unsafe', `a token two steps old, or the last one after it: ${status}`);
    }
  }
}

/** @returns for each token the different successors that were handed out */
async function oneRound(members, tokens, { tally, chance }) {
  const shares = members.map(() => tokens.map(() => 0));
  for (const index of tokens.keys()) for (let i = 0; i < AT_ONCE; i += 1) shares[chance.between(0, 3)][index] += 1;
  const written = !tally.history.isClosed;
  const told = await Promise.all(
    members.map((member, at) => member.ask('crowd', { tokens, times: shares[at], written })),
  );
  for (const { sessions } of told) tally.history.take(sessions);
  const answers = told.map((member) => member.answers);
  tally.attempts += tokens.length * AT_ONCE;
  for (const { refusals, retries, took } of answers.flat()) {
    tally.attempts += retries;
    tally.longest = Math.max(tally.longest, took);
    for (const refusal of refusals) tally.count('lost', refusal);
  }
  return tokens.map((_, index) => {
    const successors = [...new Set(answers.flatMap((answer) => answer[index].successors))];
    if (successors.length > 1) tally.count('forks', `${successors.length} successors of one token`);
    return successors;
  });
}

export const crowd = [
  {
    name: `concurrent refreshes, ${AT_ONCE} per token, over 4 processes`,
    sizes: { full: 1_000_000, short: 4_000, service: 40_000 },
    limit: 900_000,
    run: everyTabAtOnce,
  },
];
