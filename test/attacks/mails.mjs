import { once } from 'node:events';
import { createServer } from 'node:http';

/**
 * The operator's own sender: takes the mails of the service, and tells the tickets in them.
 * @param note called with each ticket
 */
export async function startMails(note) {
  const mails = { url: '', received: 0, areRefused: false, stop: async () => server.close() };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const { data } = JSON.parse(body);
      if (data.ticket !== null) note(data.ticket);
      mails.received++;
      response.writeHead(mails.areRefused ? 503 : 204).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  mails.url = `http://127.0.0.1:${server.address().port}`;
  return mails;
}
