import { setTimeout as sleep } from 'node:timers/promises';
import { directDoor } from './doors.mjs';
import { History } from './history/history.mjs';

/** What an instance can be asked besides HTTP, in this process or in another. */
export const asksOf = (instance) => ({
  open: ({ subs }) => Promise.all(subs.map((sub) => instance.open(sub))),
  login: ({ subs }) => Promise.all(subs.map((sub) => instance.login(sub))),
  revoke: ({ sub, sid }) => instance.sessions.revoke(sub, sid),
  revokeAll: ({ sub }) => instance.sessions.revokeAll(sub),
  isStale: () => instance.revocations.isStale(),
  crowd: async ({ tokens, times, written }) => {
    const history = new History();
    if (!written) history.close();
    const door = directDoor(instance, { tally: { history } });
    const answers = await Promise.all(tokens.map((token, index) => crowdAt(door, token, times[index])));
    return { answers, sessions: [...history.sessions] };
  },
});

/** Many tabs at once: which successors they got, and why others got none. */
export async function crowdAt(door, token, times) {
  const asked = performance.now();
  const outcomes = await Promise.all(Array.from({ length: times }, () => oneOfTheCrowd(door, token)));
  const successors = [...new Set(outcomes.map(({ refreshToken }) => refreshToken).filter(Boolean))];
  const refusals = outcomes.filter(({ status }) => status !== 200).map(({ code, status }) => code ?? status);
  const retries = outcomes.reduce((sum, outcome) => sum + outcome.retries, 0);
  return { successors, refusals, retries, took: performance.now() - asked };
}

async function oneOfTheCrowd(door, token) {
  for (let retries = 0; retries < 50; retries += 1) {
    const answer = await door.refresh(token);
    if (answer.status !== 503 && answer.status !== 0) return { ...answer, retries };
    await sleep(20 + retries * 10);
  }
  return { status: 0, code: 'no answer in time', retries: 50 };
}
