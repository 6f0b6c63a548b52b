import { startAccounts } from '../support/accounts.js';

it.each([
  ['full', '192.0.2.77'],
  ['truncated', '192.0.2.0'],
  ['none', null],
])(
  'DEVICE_ADDRESS=%s: the session list has %s',
  async (kept, ip) => {
    const service = await startAccounts({ DEVICE_ADDRESS: kept, TRUST_PROXY: '127.0.0.1' });
    const { email, password } = await service.account();
    const headers = { 'x-forwarded-for': '192.0.2.77' };
    const { body } = await service.call('/auth/login', { body: { email, password }, headers });
    const listed = await service.call('/auth/sessions', { token: body.access_token });
    expect(listed.body.sessions[0].ip).toBe(ip);
    await service.stop();
  },
  60_000,
);
