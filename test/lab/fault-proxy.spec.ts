import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FaultProxy } from '../../src/lab/fault-proxy.js';

it('asks a service below a path there, as the lab itself does when it registers its user', async () => {
  const paths: (string | undefined)[] = [];
  const service = createServer((request, response) => {
    paths.push(request.url);
    response.end();
  });
  await once(service.listen(0, '127.0.0.1'), 'listening');
  const proxy = await new FaultProxy(`http://127.0.0.1:${(service.address() as AddressInfo).port}/accounts`).start();

  await fetch(`${proxy.url}/auth/login?n=1`);

  await proxy.stop();
  service.close();
  expect(paths).toEqual(['/accounts/auth/login?n=1']);
});
