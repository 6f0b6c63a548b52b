export { startProcess as startService } from '../../scripts/started-process.mjs';

/** Sends JSON, reads JSON; status 0: no answer came. */
export async function call(url, { body, token, method = body ? 'POST' : 'GET' } = {}) {
  const headers = {
    ...(body && { 'content-type': 'application/json' }),
    ...(token && { authorization: `Bearer ${token}` }),
  };
  try {
    const signal = AbortSignal.timeout(10_000);
    const answer = await fetch(url, { method, headers, body: body && JSON.stringify(body), signal });
    const text = await answer.text();
    return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : text };
  } catch (error) {
    return { status: 0, body: String(error.cause ?? error) };
  }
}

/** @throws Error that says what came instead */
export async function expectCall(status, url, request) {
  const answer = await call(url, request);
  if (answer.status === status) return answer.body;
  throw new Error(`${url}: want ${status}, got ${answer.status} ${JSON.stringify(answer.body)}`);
}

export const PASSWORD = 'correct horse battery staple';

export const accountOf = (name) => ({ email: `${name}@example.com`, password: PASSWORD });
