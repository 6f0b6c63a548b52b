import { Logger } from '@nestjs/common';
import type { RunningApp } from '../support/adapters.js';
import { startHost } from '../support/own-users-host.js';

const running: RunningApp[] = [];
afterEach(() => Promise.all(running.splice(0).map((app) => app.close())));

it('claims beyond the limit are an error of the host: 500 with a code of its own, a line in the log, and no session lost', async () => {
  const host = await startHost('fastify', (users) => ({ loadSubject: (sub) => users.load(sub) }));
  running.push(host);
  const { refresh_token: token } = await host.login();
  const [ann] = host.users.all;
  ann!.roles = ['x'.repeat(1_100)];
  const error = jest.spyOn(Logger.prototype, 'error').mockReturnValue();
  try {
    const answer = await host.refresh(token);
    expect([answer.status, answer.json().code, answer.headers['retry-after']]).toEqual([
      500,
      'claims_too_large',
      undefined,
    ]);
    expect(answer.text).not.toContain('xxx');
    const line = { code: 'claims_too_large', message: expect.stringMatching(/claimsLimit allows 1024/) };
    expect(error.mock.calls).toEqual([[expect.objectContaining(line)]]);
  } finally {
    error.mockRestore();
  }
  ann!.roles = ['buyer'];
  expect((await host.refresh(token)).status).toBe(200);
});
