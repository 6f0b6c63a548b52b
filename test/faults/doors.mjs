import { Agent, request } from 'node:http';

/*
 * Ways into an instance, all alike: `refresh(token, { key })` gives `{ status, code, retryAfter, refreshToken,
 * accessToken, took }`. Status 0: no answer came.
 */

const CODES_OF_503 = ['store_unavailable', 'temporarily_unavailable'];

/** Calls the services themselves, for rows that need a hundred thousand answers. */
export function directDoor({ rotation }) {
  return {
    async refresh(token, { key } = {}) {
      const asked = performance.now();
      try {
        const grant = await rotation.refresh(token, { idempotencyKey: key });
        const { refreshToken, accessToken } = grant;
        return { status: 200, refreshToken, accessToken, took: performance.now() - asked };
      } catch (error) {
        return { ...answerOf(error), took: performance.now() - asked };
      }
    },
  };
}

export function answerOf({ name, code, retryAfter, message }) {
  if (name !== 'AuthError') return { status: 500, code: message };
  return { status: CODES_OF_503.includes(code) ? 503 : code === 'invalid_request' ? 400 : 401, code, retryAfter };
}

/**
 * As a client on the network has it.
 * @param {string} url of an instance, or of a proxy before it
 * @param {number} patience milliseconds until the client hangs up
 */
export function httpDoor(url, patience = 5_000) {
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
  return {
    refresh: (token, { key } = {}) => {
      const headers = key === undefined ? {} : { 'idempotency-key': key };
      return call('POST', '/auth/refresh', { headers, body: JSON.stringify({ refresh_token: token }) });
    },
    logout: (token) => call('POST', '/auth/logout', { body: JSON.stringify({ refresh_token: token }) }),
    guarded: (accessToken) => call('GET', '/guarded', { headers: { authorization: `Bearer ${accessToken}` } }),
    renew: (accessToken) => call('POST', '/auth/renew', { headers: { authorization: `Bearer ${accessToken}` } }),
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
  };
}
