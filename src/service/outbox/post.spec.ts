import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DeliveryError } from './outbox-topic.js';
import { post } from './post.js';

describe('a post', () => {
  let server: Server;
  beforeEach(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  const send = () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    return post({ url, setting: 'WEBHOOK_URL', headers: {}, body: '{}', timeout: 500 });
  };

  it('that is never answered ends in time, and closes its connection so that none is left behind', async () => {
    const closed = once(server, 'connection').then(([socket]: NodeJS.EventEmitter[]) => once(socket!, 'close'));
    await expect(send()).rejects.toThrow(new DeliveryError('The receiver of WEBHOOK_URL gave no answer within 0.5 s.'));
    await closed;
  });

  it('does not wait for the end of an answer, of which only the status counts', async () => {
    server.on('request', (_, response) => void response.writeHead(200).write('more comes'));
    await expect(send()).resolves.toBeUndefined();
  });
});
