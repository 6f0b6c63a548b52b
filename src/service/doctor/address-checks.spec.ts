import { createServer, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { resolveOptions } from '../../index.js';
import { checkAddress } from './address-checks.js';

const servers: Server[] = [];
afterEach(async () => {
  jest.useRealTimers();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** What is found of a service that answers so. */
async function look(listener: RequestListener): Promise<string[]> {
  const server = createServer(listener);
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const policy = resolveOptions({ issuer: origin, allowedOrigins: ['https://shop.example'] }, 'refresh');
  const found = await checkAddress({
    policy,
    url: new URL(origin),
    routesPath: 'auth',
    ring: undefined,
    proxyTimeout: undefined,
    now: 0,
  });
  return found.map(({ check, says }) => `${check}: ${says}`.replaceAll(origin, ''));
}

/** Lets the time pass for which it waits as soon as a request is there; sockets go on in real time. */
function impatiently(): () => void {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'Date'] });
  return () => void jest.advanceTimersByTimeAsync(5_000);
}

describe('an address that gives no whole answer', () => {
  it('is told as that, and not as a proxy that drops headers', async () => {
    const passTime = impatiently();
    expect(await look(passTime)).toEqual(
      expect.arrayContaining([
        'JWKS: /.well-known/jwks.json: no whole answer within 5 s.',
        'CORS: /auth/refresh: no whole answer within 5 s.',
      ]),
    );
  });

  it('is no other service where its body comes to a halt', async () => {
    const passTime = impatiently();
    const halting: RequestListener = (_request, response) => {
      response.write('{"keys":[');
      passTime();
    };
    expect(await look(halting)).toContain('JWKS: /.well-known/jwks.json: no whole answer within 5 s.');
  });
});
