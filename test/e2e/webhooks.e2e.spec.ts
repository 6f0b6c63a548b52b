import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { AuthClock, AuthEvents } from '../../src/index.js';
import { Outbox } from '../../src/service/outbox/outbox.js';
import { OutboxTable } from '../../src/service/outbox/outbox-table.js';
import { Webhooks } from '../../src/service/webhooks/webhooks.js';
import { startAccounts } from '../support/accounts.js';
import { eventually } from '../support/eventually.js';
import { ask, startPostgres, type PostgresDatabase } from '../support/postgres-server.js';
import { registered } from '../support/registry.js';
import { settlesWithin } from '../support/settles-within.js';
import { startLine } from '../support/tcp-line.js';
import { openUsersDatabase, type UsersDatabase } from '../support/users-databases.js';

const KEY = Buffer.from('a receiver and its sender know this');
const SECRET = `whsec_${KEY.toString('base64')}`;
const HOUR = 3_600_000;

interface Delivery {
  readonly id: string;
  readonly type: string;
  readonly sid: string;
  readonly signed: boolean;
}
interface Receiver {
  readonly url: string;
  /** Every attempt, in order; those that it took are in `taken`. */
  readonly attempts: Delivery[];
  readonly taken: Delivery[];
  readonly answers: { status: number };
  close(): Promise<void>;
}

/** Somebody else's service: it checks the signature as the specification says, with code of its own. */
const startReceiver = () =>
  registered<'close', Receiver>(
    (async (): Promise<Receiver> => {
      const server = createServer((request, response) => {
        let body = '';
        request.on('data', (chunk: Buffer) => (body += chunk.toString()));
        request.on('end', () => {
          const header = (name: string) => String(request.headers[`webhook-${name}`]);
          const signature = createHmac('sha256', KEY).update(`${header('id')}.${header('timestamp')}.${body}`);
          const { type, data } = JSON.parse(body) as { type: string; data: { sid: string } };
          const signed = header('signature')
            .split(' ')
            .includes(`v1,${signature.digest('base64')}`);
          const delivery = { id: header('id'), type, sid: data.sid, signed };
          state.attempts.push(delivery);
          if (state.answers.status === 204) state.taken.push(delivery);
          response.writeHead(state.answers.status).end();
        });
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const state = {
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
        attempts: [] as Delivery[],
        taken: [] as Delivery[],
        answers: { status: 204 },
        close: async () => {
          server.closeAllConnections();
          server.close();
        },
      };
      return state;
    })(),
    'close',
  );

beforeAll(() => Logger.overrideLogger(false));

describe('a service with WEBHOOK_URL', () => {
  let receiver: Receiver;
  let postgres: PostgresDatabase;
  let env: Record<string, string>;
  beforeEach(async () => {
    receiver = await startReceiver();
    postgres = await startPostgres();
    env = { DATABASE_URL: postgres.url, WEBHOOK_URL: receiver.url, WEBHOOK_SECRET: SECRET };
  });
  afterEach(async () => {
    await receiver.close();
    await postgres.stop();
  });

  it('sends what happened to a session, signed, in order, and no refresh', async () => {
    const service = await startAccounts(env);
    const tokens = await service.login(await service.account());
    const next = (await service.refresh(tokens)).body;
    await service.call('/auth/logout', { body: { refresh_token: next.refresh_token } });
    const sid = tokens.session_id;
    await eventually(async () => receiver.taken.filter((one) => one.sid === sid).length === 2);
    const sent = receiver.taken.filter((one) => one.sid === sid);
    expect(sent.map(({ type }) => type)).toEqual(['session.opened', 'session.ended']);
    expect(sent.every(({ signed, id }) => signed && /^msg_[\da-f-]{36}$/.test(id))).toBe(true);
    await service.stop();
  });

  it('has written the event down before the call that caused it is answered', async () => {
    receiver.answers.status = 503;
    const service = await startAccounts(env);
    const tokens = await service.login(await service.account());
    await service.call('/auth/logout', { body: { refresh_token: tokens.refresh_token } });
    const rows = await ask(
      postgres.url,
      `select body->>'type' as type from outbox where topic = 'webhooks' and subject = '${tokens.session_id}' order by seq`,
    );
    expect(rows.map(({ type }) => type)).toEqual(['session.opened', 'session.ended']);
    await service.stop();
  });

  it('names an event as pending where it cannot be written, and sends it when it can', async () => {
    const line = await startLine(postgres.port, postgres.host);
    const through = new URL(postgres.url);
    through.host = `127.0.0.1:${line.port}`;
    const service = await startAccounts({ ...env, DATABASE_URL: through.href });
    const tokens = await service.login(await service.account());
    await eventually(async () => receiver.taken.some(({ sid }) => sid === tokens.session_id));
    const told: string[] = [];
    const warn = jest
      .spyOn(Logger.prototype, 'warn')
      .mockImplementation((...args: unknown[]) => void told.push(String(args[0])));
    line.cut();
    const logout = await service.call('/auth/logout', { body: { refresh_token: tokens.refresh_token } });
    expect(logout.status).toBe(204);
    expect(told.join('\n')).toMatch(`The webhook session.ended of session ${tokens.session_id} is pending`);
    line.mend();
    // A delivery that fails once more, as on a busy machine, waits for the next look of a minute.
    await eventually(
      async () => receiver.taken.some(({ type, sid }) => type === 'session.ended' && sid === tokens.session_id),
      200_000,
    );
    warn.mockRestore();
    await service.stop();
    await line.close();
  });

  it('stops within ten seconds where the database hangs, however many events are pending', async () => {
    const line = await startLine(postgres.port, postgres.host);
    const through = new URL(postgres.url);
    through.host = `127.0.0.1:${line.port}`;
    const service = await startAccounts({ ...env, DATABASE_URL: through.href });
    const account = await service.account();
    const logins = [];
    while (logins.length < 12) logins.push(await service.login(account));
    line.hang();
    const logouts = logins.map(({ refresh_token: token }) =>
      service.call('/auth/logout', { body: { refresh_token: token } }),
    );
    expect((await Promise.all(logouts)).map(({ status }) => status)).toEqual(logins.map(() => 204));
    expect(await settlesWithin(10_000, service.app.close())).toBe(true);
    await line.close();
    await service.stop();
  });

  it('takes no connection any more while a stop waits for deliveries, since nobody would answer in the end', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/hook`;
    const service = await startAccounts({ ...env, WEBHOOK_URL: url });
    const delivery = once(silent, 'request');
    await service.login(await service.account());
    await delivery;
    const outbox = service.app.get(Outbox, { strict: false });
    const destroy = outbox.onModuleDestroy.bind(outbox);
    const listened: boolean[] = [];
    outbox.onModuleDestroy = async () => {
      await destroy();
      listened.push((service.app.getHttpServer() as Server).listening);
    };
    await service.stop();
    expect(listened).toEqual([false]);
    silent.closeAllConnections();
    silent.close();
  });
});

describe('a receiver that is away', () => {
  let users: UsersDatabase;
  let receiver: Receiver;
  let now: number;
  let outbox: Outbox;
  let webhooks: Webhooks;
  let events: AuthEvents;
  beforeAll(async () => {
    users = await openUsersDatabase('a PostgreSQL server');
  });
  afterAll(() => users.stop());
  beforeEach(async () => {
    now = 1_800_000_000_000;
    receiver = await startReceiver();
    const clock = new AuthClock(() => now);
    outbox = new Outbox(new OutboxTable(users.database), clock);
    events = new AuthEvents();
    const config = { webhookUrl: receiver.url, webhookSecret: [SECRET] };
    webhooks = new Webhooks(config, outbox, users.database, clock, events);
  });
  afterEach(async () => {
    await outbox.onModuleDestroy();
    await receiver.close();
  });
  const session = { sub: 'ann', clientId: 'default' };
  const happened = async (sid: string): Promise<void> => {
    events.emit({ type: 'session.opened', ...session, sid }, { requestId: sid });
    events.emit({ type: 'session.ended', sub: 'ann', sid, reason: 'session_revoked' }, { requestId: sid });
    await webhooks.written(sid);
  };

  it('for an hour gets everything when it is back, in order and under the ids of before', async () => {
    receiver.answers.status = 503;
    await happened('s-1');
    await happened('s-2');
    for (const end = now + HOUR; now < end; now += 60_000) await outbox.sweep('webhooks');
    expect(receiver.taken).toEqual([]);
    const idOf = (sid: string) => new Set(receiver.attempts.filter((one) => one.sid === sid).map(({ id }) => id));
    // Of each session the first event is tried, and the one behind it waits.
    expect([idOf('s-1').size, idOf('s-2').size]).toEqual([1, 1]);

    receiver.answers.status = 204;
    now += HOUR;
    await outbox.sweep('webhooks');
    for (const sid of ['s-1', 's-2']) {
      const taken = receiver.taken.filter((one) => one.sid === sid);
      expect(taken.map(({ type }) => type)).toEqual(['session.opened', 'session.ended']);
      expect(taken.every(({ signed }) => signed)).toBe(true);
      expect(idOf(sid)).toContain(taken[0]!.id);
    }
    const before = receiver.attempts.length;
    now += HOUR;
    await outbox.sweep('webhooks');
    expect(receiver.attempts).toHaveLength(before);
  });

  it('for more than a day loses what is older, and the operator is told of it by keyturn outbox', async () => {
    receiver.answers.status = 503;
    await happened('s-3');
    for (const end = now + 26 * HOUR; now < end; now += HOUR) await outbox.sweep('webhooks');
    expect(outbox.counts).toEqual([{ topic: 'webhooks', waiting: 0, undeliverable: 2 }]);
  });

  it('is sent nothing of a session that ended by time', async () => {
    events.emit({ type: 'session.ended', sub: 'ann', sid: 's-4', reason: 'session_ended' }, { requestId: 'r' });
    await webhooks.written('r');
    await outbox.sweep('webhooks');
    expect(receiver.attempts.filter(({ sid }) => sid === 's-4')).toEqual([]);
  });
});
