import { ClientProxyFactory, Transport } from '@nestjs/microservices';
import { lastValueFrom, tap, toArray } from 'rxjs';
import { expectEqual, untilRefused, within } from './answers.mjs';

const NO_HEADER = 'an answer of RPC has no header for a token: the caller, which has the session, renews it';

/** Messages between services: a token travels in the payload. */
const player = (transportOf) => ({
  cannot: { sliding: NO_HEADER },

  async ask(app, what, token) {
    return withClient(transportOf(app), async (client) => {
      const payload = { page: 1, ...(token !== undefined && { access_token: token }) };
      try {
        const answer = await within(lastValueFrom(client.send(what, payload)), `an answer to ${what}`);
        if (answer.payload && 'access_token' in answer.payload) throw new Error('the handler sees the token');
        return { ok: true, sub: answer.sub };
      } catch (error) {
        if (error.code === undefined) throw error;
        return { ok: false, code: error.code };
      }
    });
  },

  /** The application that asks in the name of its caller passes the token on. */
  async passesOn({ url }, session) {
    const answer = await fetch(`${url}/orders`, { headers: { authorization: `Bearer ${session.accessToken}` } });
    expectEqual((await answer.json()).sub, session.sub, 'who asks through the other application');
  },

  async endsWithSession(app, session, revoke) {
    await withClient(transportOf(app), async (client) => {
      let started;
      const begun = new Promise((resolve) => (started = resolve));
      const prices = lastValueFrom(
        client.send('prices', { access_token: session.accessToken }).pipe(
          tap(() => started()),
          toArray(),
        ),
      );
      await within(Promise.race([begun, prices]), 'a first price');
      await revoke();
      await within(prices, 'the end of the prices');
    });
    await untilRefused(() => this.ask(app, 'cart', session.accessToken), 'session_revoked');
  },
});

async function withClient(options, use) {
  const client = ClientProxyFactory.create(options);
  try {
    await client.connect();
    return await use(client);
  } finally {
    client.close();
  }
}

export const tcp = player(({ rpcPort }) => ({
  transport: Transport.TCP,
  options: { host: '127.0.0.1', port: rpcPort },
}));

export const redisRpc = player(({ redis }) => ({
  transport: Transport.REDIS,
  options: { host: redis.hostname, port: Number(redis.port) },
}));
