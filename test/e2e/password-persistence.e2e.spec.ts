import { NEW_PASSWORD, PASSWORD, startAccounts } from '../support/accounts.js';

const FROM_OUR_PAGE = { 'sec-fetch-site': 'same-origin' };

describe.each(['refresh-sliding', 'access'])('a session in cookies, by the strategy %s', (strategy) => {
  it.each([
    ['ends with the browser', 'the next user of a shared computer must not find it', false, 'true'],
    ['outlives the browser', 'its user has asked for that', true, 'false'],
  ])('that %s does so after a change of the password too: %s', async (_, _reason, persistent, byDefault) => {
    const service = await startAccounts({
      AUTH_STRATEGY: strategy,
      AUTH_CLIENTS: '{"web":{"transport":"cookie"}}',
      COOKIE_INSECURE: 'true',
      COOKIE_PERSISTENT: byDefault,
    });
    const { email } = await service.account();
    const login = await service.call('/auth/login', {
      body: { email, password: PASSWORD, client_id: 'web', persistent },
      headers: FROM_OUR_PAGE,
    });
    const cookies = login.headers.getSetCookie();
    const cookie = cookies.map((one) => one.split(';', 1)[0]).join('; ');
    const changed = await service.call('/auth/password', {
      body: { current_password: PASSWORD, new_password: NEW_PASSWORD },
      headers: { ...FROM_OUR_PAGE, cookie },
    });
    expect([login.status, changed.status]).toEqual([200, 200]);
    for (const given of [cookies, changed.headers.getSetCookie()]) {
      expect(given.length).toBeGreaterThan(0);
      for (const one of given) expect(/max-age=[1-9]/i.test(one)).toBe(persistent);
    }
    await service.stop();
  });
});
