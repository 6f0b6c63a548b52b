// What both clients of this folder do besides keeping a session: the loop of docs/lab.md, "What your client has to do".
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * @param client `get(url)` and `post(url, body)` give the JSON of the answer, `logout()` logs out, and `state()` tells
 *   what `GET /state` answers
 */
export async function work({ get, post, logout, state }) {
  createServer((_, response) => response.end(JSON.stringify(state()))).listen(
    Number(process.env.LAB_STATE_PORT),
    '127.0.0.1',
  );
  let n = 0;
  const url = () => `${process.env.LAB_URL}/api/work?n=${++n}`;
  const one = async () => {
    const { next } = await get(url());
    if (next === 'post') await post(url(), { text: `written at ${n}` });
    if (next === 'logout') await logout();
  };
  for (; state().session === 'in'; await sleep(200)) await Promise.allSettled([one(), one(), one()]);
}
