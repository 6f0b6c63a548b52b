import { setTimeout as sleep } from 'node:timers/promises';

/** What an instance can be asked besides HTTP, in this process or in another. */
export const asksOf = (instance) => ({
  open: ({ subs }) => Promise.all(subs.map((sub) => instance.open(sub))),
  login: ({ subs }) => Promise.all(subs.map((sub) => instance.login(sub))),
  revoke: ({ sub, sid }) => instance.sessions.revoke(sub, sid),
  revokeAll: ({ sub }) => instance.sessions.revokeAll(sub),
  isStale: () => instance.revocations.isStale(),
  crowd: ({ tokens, times }) => Promise.all(tokens.map((token, index) => crowd(instance, token, times[index]))),
});

/** Many tabs at once: which successors they got, and why others got none. */
async function crowd(instance, token, times) {
  const asked = performance.now();
  const outcomes = await Promise.all(Array.from({ length: times }, () => oneOfTheCrowd(instance, token)));
  const successors = [...new Set(outcomes.map(({ successor }) => successor).filter(Boolean))];
  const refusals = outcomes.map(({ refusal }) => refusal).filter(Boolean);
  const retries = outcomes.reduce((sum, outcome) => sum + outcome.retries, 0);
  return { successors, refusals, retries, took: performance.now() - asked };
}

async function oneOfTheCrowd({ rotation }, token) {
  for (let retries = 0; retries < 50; retries += 1) {
    try {
      return { successor: (await rotation.refresh(token)).refreshToken, retries };
    } catch (error) {
      if (error.code !== 'store_unavailable') return { refusal: error.code ?? error.message, retries };
      await sleep(20 + retries * 10);
    }
  }
  return { refusal: 'no answer in time', retries: 50 };
}
