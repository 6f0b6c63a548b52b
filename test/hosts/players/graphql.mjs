import { createRequire } from 'node:module';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { expectEqual, untilRefused, within } from './answers.mjs';

const QUERIES = {
  cart: '{ cart { sub } }',
  admin: '{ admin }',
  pay: 'mutation { pay }',
  items: 'mutation { addItem }',
};

/** @returns {import('./answers.mjs').Answer} */
const answerOf = ({ data, errors = [] }) => {
  const [error] = errors;
  return { ok: errors.length === 0, sub: data?.cart?.sub, code: error?.extensions?.code };
};

/** Queries over HTTP, on any server. */
export const graphql = {
  challenges: true,

  async ask({ url }, what, token) {
    const answer = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query: QUERIES[what] ?? what }),
    });
    const header = (name) => answer.headers.get(name);
    return {
      ...answerOf(await answer.json()),
      challenge: header('www-authenticate'),
      renewed: header('renewed-access-token'),
    };
  },

  /** A field is guarded as a query is. */
  async demandsRole(app, buyer) {
    expectEqual((await this.ask(app, '{ cart { margin } }', buyer)).code, 'forbidden', 'a field for administrators');
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

/** Operations and subscriptions over graphql-ws, with the client of that library. */
export const graphqlWs = {
  async ask(app, what, token) {
    const client = connect(app, token);
    const answer = await run(client, QUERIES[what] ?? what);
    await client.dispose();
    return answer;
  },

  async demandsRole(app, buyer) {
    expectEqual((await this.ask(app, '{ cart { margin } }', buyer)).code, 'forbidden', 'a field for administrators');
  },

  /** The connection takes a fresh token of its session, and no other; what is open goes on. */
  async slides(app, session, _revoke, { fresh, other }) {
    const client = connect(app, session.accessToken);
    const prices = subscribe(client);
    await within(prices.first, 'a first price');
    const give = (token) => run(client, `mutation { freshToken(token: "${token}") }`);
    const expires = async () => Number((await run(client, '{ expires }')).data?.expires);
    const before = await expires();
    expectEqual((await give(await other())).code, 'forbidden', 'the token of another session');
    expectEqual((await give(await fresh())).ok, true, 'the fresh token');
    if (!((await expires()) > before)) throw new Error('the connection still has the old token');
    await client.dispose();
  },

  async endsWithSession(app, session, revoke) {
    const client = connect(app, session.accessToken);
    const prices = subscribe(client);
    expectEqual(await within(prices.first, 'a first price'), session.sub, 'whose prices they are');
    await revoke();
    expectEqual(await within(prices.ended, 'the end of the subscription'), 'session_revoked', 'why it ended');
    await client.dispose();
  },
};

function connect({ url, folder, params = 'Authorization' }, token) {
  const { createClient } = createRequire(join(folder, 'package.json'))('graphql-ws');
  return createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: token === undefined ? {} : { [params]: `Bearer ${token}` },
  });
}

/** One operation; its data, or the code of its error. */
const run = (client, query) =>
  within(
    new Promise((resolve, reject) => {
      let result = {};
      client.subscribe(
        { query },
        {
          next: (value) => (result = value),
          error: (fault) =>
            Array.isArray(fault)
              ? resolve(answerOf({ errors: fault }))
              : reject(new Error('no connection', { cause: fault })),
          complete: () => resolve({ ...answerOf(result), data: result.data }),
        },
      );
    }),
    `an answer to ${query}`,
  );

function subscribe(client) {
  const [first, ended] = [deferred(), deferred()];
  client.subscribe(
    { query: 'subscription { prices }' },
    {
      next: ({ data, errors }) => {
        if (data?.prices) first.resolve(data.prices.split(' ')[0]);
        else ended.resolve(errors?.[0]?.extensions?.code);
      },
      error: (errors) => {
        const code = Array.isArray(errors) ? errors[0]?.extensions?.code : String(errors.reason ?? errors);
        first.resolve(code);
        ended.resolve(code);
      },
      complete: () => ended.resolve('completed'),
    },
  );
  return { first: first.promise, ended: ended.promise };
}

function deferred() {
  let resolve;
  const promise = new Promise((settle) => (resolve = settle));
  return { promise, resolve };
}
