import { PASSWORD } from '../support/accounts.js';
import { freePort } from '../support/redis-server.js';
import { startService, type RunningService } from '../support/service.js';

/** What an operator has of a request that failed for a fault of ours. */
describe('a request that is answered 503', () => {
  let service: RunningService;
  let written: string[];
  beforeAll(async () => {
    const nobody = await freePort();
    service = await startService({ REDIS_URL: `redis://127.0.0.1:${nobody}`, LOG_LEVEL: 'log', LOG_FORMAT: 'json' });
  });
  afterAll(() => service.stop());
  beforeEach(() => {
    written = [];
    for (const stream of [process.stdout, process.stderr]) {
      jest.spyOn(stream, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    }
  });
  afterEach(() => jest.restoreAllMocks());

  it('is in the log with its route, its id and the reason, and its audit line has the same id', async () => {
    const body = { email: 'ann@shop.example', password: PASSWORD };
    expect((await service.call('/auth/register', { body })).status).toBe(201);
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const asked = { body, headers: { 'x-request-id': 'from-the-proxy', traceparent } };
    expect((await service.call('/auth/login', asked)).status).toBe(503);
    const lines = written.map((line) => JSON.parse(line) as Record<string, unknown>);
    const fault = lines.find(({ message }) => String(message).startsWith('A request was answered 503'));
    expect(fault).toMatchObject({
      level: 'warn',
      context: 'Keyturn',
      code: 'store_unavailable',
      route: 'POST /auth/login',
      client_request_id: 'from-the-proxy',
      traceparent,
      instance: expect.stringContaining(`:${process.pid}`),
      message: expect.stringMatching(/127\.0\.0\.1:\d+/),
    });
    const audit = lines.find(({ event }) => event === 'login.failed');
    expect(fault!.request_id).toMatch(/^[\w-]{36}$/);
    expect(audit).toMatchObject({ request_id: fault!.request_id, traceparent, level: 'info' });
  });

  it('is told once in ten seconds, since in an outage all fail alike', async () => {
    const body = { email: 'ann@shop.example', password: PASSWORD };
    for (let times = 0; times < 3; times += 1) await service.call('/auth/login', { body });
    expect(written.filter((line) => line.includes('answered 503'))).toEqual([]);
  });
});
