import { Agent, request } from 'node:http';

/*
 * Ways into an instance, all alike: `refresh(token, { key })` gives `{ status, code, retryAfter, refreshToken,
 * accessToken, took }`. Status 0: no answer came.
 */

const CODES_OF_503 = ['store_unavailable', 'temporarily_unavailable'];

/** Each instance has a name of its own in the history: one that lost an answer remembers what it had asked for. */
let instances = 0;
const nameOfNext = () => `instance ${process.pid}.${(instances += 1)}`;

/**
 * Calls the services themselves, for rows that need a hundred thousand answers.
 * @param tally whose history writes down what is asked and answered
 * @param grace milliseconds, as the instance has it
 */
export function directDoor({ rotation }, { tally, grace }) {
  const at = nameOfNext();
  async function refresh(token, { key } = {}) {
    const asked = performance.now();
    try {
      const grant = await rotation.refresh(token, { idempotencyKey: key });
      const { refreshToken, accessToken } = grant;
      return { status: 200, refreshToken, accessToken, took: performance.now() - asked };
    } catch (error) {
      return { ...answerOf(error), took: performance.now() - asked };
    }
  }
  return { refresh: (token, facts) => noted(tally.history, token, { ...facts, at, grace }, refresh) };
}

async function noted(history, token, facts, refresh) {
  const answered = history.refresh(token, facts);
  const answer = await refresh(token, facts);
  answered(answer);
  return answer;
}

export function answerOf({ name, code, retryAfter, message }) {
  if (name !== 'AuthError') return { status: 500, code: message };
  return { status: CODES_OF_503.includes(code) ? 503 : code === 'invalid_request' ? 400 : 401, code, retryAfter };
}

/**
 * As a client on the network has it.
 * @param {string} url of an instance, or of a proxy before it
 * @param at the name of that instance in the history, where it has several doors
 * @param guardedAt a route that needs an access token
 * @param {number} patience milliseconds until the client hangs up
 */
export function httpDoor(url, { tally, at = nameOfNext(), grace, guardedAt = '/guarded', patience = 5_000 }) {
  const agent = new Agent({ keepAlive: true });
  const call = (method, path, { headers, body } = {}) =>
    new Promise((resolve) => {
      const asked = performance.now();
      const end = (answer) => resolve({ ...answer, took: performance.now() - asked });
      const content = body && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const sent = request(url + path, { method, agent, timeout: patience, headers: { ...headers, ...content } });
      sent.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => (text += chunk));
        response.on('error', () => end({ status: 0 }));
        response.on('end', () => end(read(response, text)));
      });
      sent.on('timeout', () => sent.destroy());
      sent.on('error', () => end({ status: 0 }));
      sent.on('close', () => end({ status: 0 }));
      sent.end(body);
    });
  const bearing = (accessToken) => ({ authorization: `Bearer ${accessToken}` });
  const refresh = (token, { key }) => {
    const headers = key === undefined ? {} : { 'idempotency-key': key };
    return call('POST', '/auth/refresh', { headers, body: JSON.stringify({ refresh_token: token }) });
  };
  return {
    at,
    refresh: (token, facts) => noted(tally.history, token, { ...facts, at, grace }, refresh),
    logout: async (token) => {
      const ended = tally.history.endByToken(token);
      const answer = await call('POST', '/auth/logout', { body: JSON.stringify({ refresh_token: token }) });
      ended(answer.status === 204);
      return answer;
    },
    guarded: async (accessToken) => {
      const answer = await call('GET', guardedAt, { headers: bearing(accessToken) });
      return { ...answer, status: answer.status === 204 ? 200 : answer.status };
    },
    renew: (accessToken) => call('POST', '/auth/renew', { headers: bearing(accessToken) }),
    call: (method, path, { accessToken, body } = {}) =>
      call(method, path, { headers: accessToken && bearing(accessToken), body: body && JSON.stringify(body) }),
    close: () => agent.destroy(),
  };
}

function read({ statusCode, headers }, text) {
  const body = text.startsWith('{') ? JSON.parse(text) : {};
  return {
    status: statusCode,
    code: body.code,
    retryAfter: Number(headers['retry-after']),
    refreshToken: body.refresh_token,
    accessToken: body.access_token,
    sessionId: body.session_id,
  };
}
