import { expectEqual, untilRefused, within } from './answers.mjs';

const ROUTES = { cart: 'GET /cart', admin: 'GET /admin', pay: 'POST /pay', items: 'POST /items' };

const bearer = (token) => (token === undefined ? {} : { authorization: `Bearer ${token}` });

/** Routes over HTTP. */
export const http = {
  challenges: true,

  /** @returns {Promise<import('./answers.mjs').Answer>} */
  async ask({ url }, what, token) {
    const [method, path] = ROUTES[what].split(' ');
    const answer = await fetch(url + path, { method, headers: bearer(token) });
    const body = await answer.json();
    return {
      ok: answer.ok,
      status: answer.status,
      sub: body.sub,
      code: body.code,
      challenge: answer.headers.get('www-authenticate'),
      renewed: answer.headers.get('renewed-access-token'),
    };
  },

  async slides(app, session) {
    const { renewed } = await this.ask(app, 'items', session.accessToken);
    expectEqual((await this.ask(app, 'cart', renewed ?? undefined)).sub, session.sub, 'who the renewed token is of');
  },

  async endsWithSession(app, session, revoke) {
    expectEqual((await this.ask(app, 'cart', session.accessToken)).ok, true, 'the cart before the revocation');
    await revoke();
    await untilRefused(() => this.ask(app, 'cart', session.accessToken), 'session_revoked');
  },
};

/** A stream of events, as programs read it that can set headers. */
export const sse = {
  ...http,

  async ask({ url }, what, token) {
    if (what !== 'cart') return http.ask({ url }, what, token);
    const answer = await fetch(`${url}/prices`, { headers: bearer(token) });
    if (!answer.ok) {
      const { code } = await answer.json();
      return { ok: false, code, challenge: answer.headers.get('www-authenticate') };
    }
    const events = readEvents(answer);
    const { data } = await within(events.next(), 'a first event');
    await events.close();
    return { ok: true, sub: data.sub };
  },

  /** It takes a fresh token of its session while it is open, and no other. */
  async slides({ url }, session, _revoke, { fresh, other }) {
    const answer = await fetch(`${url}/prices`, { headers: bearer(session.accessToken) });
    const events = readEvents(answer);
    await within(events.next(), 'a first event');
    const give = async (token) => {
      const headers = { ...bearer(session.accessToken), 'content-type': 'application/json' };
      const body = JSON.stringify({ access_token: token });
      return (await fetch(`${url}/prices/token`, { method: 'POST', headers, body })).status;
    };
    expectEqual(await give(await other()), 403, 'the token of another session');
    expectEqual(await give(await fresh()), 201, 'the fresh token');
    await events.close();
  },

  async endsWithSession({ url }, session, revoke) {
    const events = readEvents(await fetch(`${url}/prices`, { headers: bearer(session.accessToken) }));
    await within(events.next(), 'a first event');
    await revoke();
    let last;
    for (;;) {
      const event = await within(events.next(), 'the end of the stream');
      if (!event) break;
      last = event;
    }
    expectEqual(last.event, 'exception', 'the last event');
    expectEqual(last.data.code, 'session_revoked', 'its code');
  },
};

/** The events of an answer, one by one; undefined at its end. */
function readEvents({ body }) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const next = async () => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end >= 0) {
        const lines = text.slice(0, end).split('\n');
        text = text.slice(end + 2);
        const field = (name) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
        if (field('data') !== undefined) return { event: field('event'), data: JSON.parse(field('data')) };
        continue;
      }
      const { done, value } = await reader.read();
      if (done) return undefined;
      text += value;
    }
  };
  return { next, close: () => reader.cancel() };
}
