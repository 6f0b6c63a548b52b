import { request } from 'node:http';
import { AuthConfigError, AuthEvents } from '../../src/index.js';
import { PASSWORD, NEW_PASSWORD, startAccounts, type Account, type ServiceWithAccounts } from '../support/accounts.js';
import { mailsTo, startMailbox, type Mailbox } from '../support/mailbox.js';
import { startService, type Answer } from '../support/service.js';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const ISSUER = 'http://localhost:3000';

let mailbox: Mailbox;
let service: ServiceWithAccounts;
let strict: ServiceWithAccounts;
beforeAll(async () => {
  mailbox = await startMailbox();
  const mail = { SMTP_URL: mailbox.url, MAIL_FROM: 'Shop <accounts@shop.example>', LOGIN_LIMITS: 'off' };
  service = await startAccounts(mail);
  strict = await startAccounts({ ...mail, REGISTRATION_SILENT: 'true', REQUIRE_VERIFIED_EMAIL: 'true' });
});
afterAll(() => Promise.all([service.stop(), strict.stop(), mailbox.stop()]));

const post = (at: ServiceWithAccounts, path: string, body: object, token?: string) => at.call(path, { body, token });
const forgot = (email: string, at = service) => post(at, '/auth/password-reset/request', { email });
const reset = (ticket: string, at = service) =>
  post(at, '/auth/password-reset', { ticket, new_password: NEW_PASSWORD });
const verify = (ticket: string, at = service) => post(at, '/auth/email/verify', { ticket });
const outcome = ({ status, body }: Answer) => [status, body?.code ?? null];
const mails = (email: string, count = 1) => mailsTo(mailbox, email, count);
let names = 0;
const newEmail = () => `person-${names++}@shop.example`;

describe('a forgotten password', () => {
  it('is answered alike for an address with an account, without one, and in another spelling', async () => {
    const { email } = await service.account();
    // Mails in between, since a request outdates the one before whose mail was not made yet.
    for (const [address, sent] of [[email, 1] as const, [newEmail(), 1] as const, [email.toUpperCase(), 2] as const]) {
      const answer = await forgot(address);
      expect([answer.status, answer.body]).toEqual([202, {}]);
      expect(await mails(email, sent)).toHaveLength(sent);
    }
  });

  it('is asked for by who can log in: with a blank behind the address, as keyboards of phones leave it', async () => {
    const email = newEmail();
    const made = await post(service, '/auth/register', { email: `${email} `, password: PASSWORD });
    expect([made.status, made.body]).toMatchObject([201, { user: { email } }]);
    expect((await post(service, '/auth/login', { email: `${email} `, password: PASSWORD })).status).toBe(200);
    expect((await forgot(` ${email} `)).status).toBe(202);
    expect((await mails(email, 2)).flatMap(({ to }) => to)).toEqual([email, email]);
    const { body } = await forgot('ada@shop example');
    expect(body!.details).toEqual(['email must be an e-mail address']);
  });

  it('is replaced by the ticket of the mail: all devices are signed out, and the new password signs in', async () => {
    const account = await service.account();
    const devices = [await service.login(account), await service.login(account)];
    await forgot(account.email);
    const [mail] = await mails(account.email);
    expect((await reset(mail!.ticket!)).status).toBe(204);
    for (const device of devices) {
      expect([await service.told(device), await service.toldAtRefresh(device)]).toEqual([
        'session_revoked',
        'session_revoked',
      ]);
    }
    await expect(service.login(account)).rejects.toThrow('invalid_credentials');
    expect(await service.told(await service.login({ ...account, password: NEW_PASSWORD }))).toBe('ok');
    expect(outcome(await reset(mail!.ticket!))).toEqual([400, 'ticket_invalid']);
  });

  it('leads to the issuer, whatever a request says of its host', async () => {
    const { email } = await service.account();
    const { port } = new URL(service.url);
    await new Promise<void>((resolve, reject) => {
      const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'content-type': 'application/json' };
      const asked = request({ port, host: '127.0.0.1', path: '/auth/password-reset/request', method: 'POST', headers });
      asked.on('response', (answer) => answer.resume().on('end', resolve)).on('error', reject);
      asked.end(JSON.stringify({ email }));
    });
    const [mail] = await mails(email);
    expect(mail!.link).toMatch(/^http:\/\/localhost:3000\/account\/reset#ticket=/);
    expect(mail!.source).not.toContain('evil.example');
  });

  it('survives a scanner that opens the link before its owner does', async () => {
    const account = await service.account();
    await forgot(account.email);
    const [mail] = await mails(account.email);
    for (const method of ['GET', 'HEAD', 'GET']) {
      // As far as it gets: a fragment is never sent.
      const page = await fetch(mail!.link!.replace(ISSUER, service.url), { method });
      expect(page.status).toBe(200);
    }
    for (const path of ['/auth/password-reset', '/auth/email/verify']) {
      expect((await service.call(`${path}?ticket=${mail!.ticket}`)).status).toBe(404);
    }
    expect((await reset(mail!.ticket!)).status).toBe(204);
  });

  it.each([{ email: 'no address' }, { email: 7 }, {}, { email: 'a@shop.example', more: 1 }])(
    'refuses %j',
    async (body) => {
      expect(outcome(await post(service, '/auth/password-reset/request', body))).toEqual([400, 'invalid_request']);
    },
  );
});

describe('who asks for too many mails', () => {
  it('is told so by source, and not by account, so that nobody can keep an owner from asking', async () => {
    const limited = await startService({ LOGIN_LIMITS: '{"ticket":"2/1h"}', TRUST_PROXY: '127.0.0.1' });
    const from = (ip: string) =>
      limited.call('/auth/password-reset/request', {
        body: { email: 'ann@shop.example' },
        headers: { 'x-forwarded-for': ip },
      });
    const asked = [await from('192.0.2.1'), await from('192.0.2.1'), await from('192.0.2.1'), await from('192.0.2.9')];
    expect(asked.map(({ status }) => status)).toEqual([202, 202, 429, 202]);
    expect(asked[2]!.body.code).toBe('too_many_attempts');
    await limited.stop();
  });

  it('is told so by account where mails go to any address, so that one login cannot write to many strangers', async () => {
    const limited = await startAccounts({ LOGIN_LIMITS: '{"emailChange":"2/1h"}' });
    const requested: string[] = [];
    limited.app.get(AuthEvents).listen(({ type, ...event }) => {
      if (type === 'email.change_requested') requested.push((event as { sub: string }).sub);
    });
    const [owner, other] = [await limited.account(), await limited.account()];
    const change = async (account: Account) => {
      const { access_token: token } = await limited.login(account);
      return post(limited, '/auth/email/change', { new_email: newEmail() }, token);
    };
    // Each from a session of its own, which must not help.
    const asked = [await change(owner), await change(owner), await change(owner), await change(other)];
    expect(asked.map(({ status }) => status)).toEqual([202, 202, 429, 202]);
    expect(asked[2]!.body.code).toBe('too_many_attempts');
    expect(Number(asked[2]!.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(requested).toEqual([owner.id, owner.id, other.id]);
    await limited.stop();
  });
});

describe('the pages of the links', () => {
  it.each(['/account/reset', '/account/verify'])(
    '%s runs no script of others and tells nobody of the link',
    async (path) => {
      const answer = await service.call(path);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
      expect(answer.headers.get('cache-control')).toBe('no-store');
      const policy = answer.headers.get('content-security-policy');
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
      expect(policy).not.toContain('unsafe');
      expect(answer.body).not.toMatch(/<script(?![^>]* src="account\.js")|\son\w+=|style=|https?:\/\//);
    },
  );
});

describe('the address of an account', () => {
  it('is confirmed by the mail that a registration sends', async () => {
    const email = newEmail();
    const { body } = await post(service, '/auth/register', { email, password: PASSWORD });
    expect(body.user.email).toBe(email);
    const [mail] = await mails(email);
    expect(mail).toMatchObject({ subject: 'Confirm your e-mail address' });
    expect((await verify(mail!.ticket!)).status).toBe(204);
    expect(outcome(await verify(mail!.ticket!))).toEqual([400, 'ticket_invalid']);
  });

  it('changes when the ticket at the new one is used, and the old one is told before', async () => {
    const account = await service.account();
    const tokens = await service.login(account);
    const email = newEmail();
    const answer = await post(service, '/auth/email/change', { new_email: email }, tokens.access_token);
    expect([answer.status, answer.body]).toEqual([202, {}]);
    expect(await mails(account.email)).toMatchObject([
      { subject: 'The address of your account is about to change', ticket: undefined },
    ]);
    const [mail] = await mails(email);
    expect(mail!.link).toContain('/account/verify#ticket=');
    expect(await service.told(await service.login(account))).toBe('ok');
    expect((await verify(mail!.ticket!)).status).toBe(204);
    await expect(service.login(account)).rejects.toThrow('invalid_credentials');
    const { access_token: token } = await service.login({ ...account, email });
    expect((await service.call('/auth/me', { token })).body.email).toBe(email);
    expect(await service.told(tokens)).toBe('token_expired');
    expect(await service.toldAtRefresh(tokens)).toBe('ok');
  });

  it('does not change after a reset, though its ticket was sent before', async () => {
    const account = await service.account();
    const { access_token: token } = await service.login(account);
    const email = newEmail();
    await post(service, '/auth/email/change', { new_email: email }, token);
    await mails(account.email);
    await forgot(account.email);
    const [, mail] = await mails(account.email, 2);
    await reset(mail!.ticket!);
    const [changing] = await mails(email);
    expect(outcome(await verify(changing!.ticket!))).toEqual([400, 'ticket_invalid']);
  });

  it.each<[string, (account: Account, token: string) => Promise<Answer>]>([
    ['its owner logs out everywhere', (_, token) => service.call('/auth/logout-all', { method: 'POST', token })],
    ['an administrator ends all sessions', ({ id }) => service.admin(`DELETE /admin/users/${id}/sessions`)],
  ])('does not change after %s, since a thief may have asked for it', async (_, end) => {
    const account = await service.account();
    const thief = await service.login(account);
    const email = newEmail();
    await post(service, '/auth/email/change', { new_email: email }, thief.access_token);
    const [changing] = await mails(email);
    const { access_token: token } = await service.login(account);
    expect((await end(account, token)).status).toBe(204);
    expect(outcome(await verify(changing!.ticket!))).toEqual([400, 'ticket_invalid']);
    expect(await service.told(await service.login(account))).toBe('ok');
  });

  it('stays as it is where the new one has got an account meanwhile', async () => {
    const account = await service.account();
    const { access_token: token } = await service.login(account);
    const email = newEmail();
    await post(service, '/auth/email/change', { new_email: email }, token);
    const [mail] = await mails(email);
    await post(service, '/auth/register', { email, password: PASSWORD });
    expect(outcome(await verify(mail!.ticket!))).toEqual([409, 'email_taken']);
    expect(await service.told(await service.login(account))).toBe('ok');
  });

  it('is changed by nobody without a token', async () => {
    expect(outcome(await post(service, '/auth/email/change', { new_email: newEmail() }))).toEqual([
      401,
      'token_missing',
    ]);
  });

  it('is not confirmed by the ticket for a new password', async () => {
    const { email } = await service.account();
    await forgot(email);
    const [mail] = await mails(email);
    expect(outcome(await verify(mail!.ticket!))).toEqual([400, 'ticket_invalid']);
  });

  it('is confirmed by a ticket that sets no password', async () => {
    const email = newEmail();
    await post(service, '/auth/register', { email, password: PASSWORD });
    const [mail] = await mails(email);
    expect(outcome(await reset(mail!.ticket!))).toEqual([400, 'ticket_invalid']);
  });
});

describe('silent registrations with addresses that must be verified', () => {
  const register = (email: string) => post(strict, '/auth/register', { email, password: PASSWORD });
  const login = (email: string, password = PASSWORD) => post(strict, '/auth/login', { email, password });

  it('are answered alike for new and known addresses, before and after a login was tried', async () => {
    const { email: known } = await strict.account();
    const fresh = newEmail();
    for (const email of [known, fresh]) {
      const answer = await register(email);
      expect([answer.status, answer.body]).toEqual([202, {}]);
      expect(outcome(await login(email, 'a wrong password'))).toEqual([401, 'invalid_credentials']);
    }
    expect(outcome(await login(fresh))).toEqual([401, 'invalid_credentials']);
    expect(await mails(known)).toMatchObject([{ subject: 'You have an account already', ticket: undefined }]);
  });

  it('let in who has used the ticket', async () => {
    const email = newEmail();
    await register(email);
    const [mail] = await mails(email);
    expect((await verify(mail!.ticket!, strict)).status).toBe(204);
    expect((await login(email)).status).toBe(200);
  });

  it('let in nobody by the password of a stranger who registered the address as well, whoever came first', async () => {
    const STRANGERS = 'the password of a stranger';
    const email = newEmail();
    await register(email);
    const [first] = await mails(email);
    await post(strict, '/auth/register', { email, password: STRANGERS });
    const [, second] = await mails(email, 2);
    // What its owner clicks in good faith, since both came from the service after a registration.
    await verify(first!.ticket!, strict);
    await verify(second!.ticket!, strict);
    expect(outcome(await login(email, STRANGERS))).toEqual([401, 'invalid_credentials']);
    expect((await reset(second!.ticket!, strict)).status).toBe(204);
    expect((await login(email, NEW_PASSWORD)).status).toBe(200);
  });

  it('let in by a forgotten password too, since its mail proves the address', async () => {
    const email = newEmail();
    const told: string[] = [];
    strict.app.get(AuthEvents).listen(({ type }) => void told.push(type));
    await register(email);
    await mails(email);
    await forgot(email, strict);
    const [, mail] = await mails(email, 2);
    expect((await reset(mail!.ticket!, strict)).status).toBe(204);
    expect((await login(email, NEW_PASSWORD)).status).toBe(200);
    // Who counts accounts must hear of this one as well.
    expect(told.filter((type) => /^(user|password)\.(reg|cha)/.test(type))).toEqual([
      'user.registered',
      'password.changed',
    ]);
  });

  it('tell the owner of an unverified account, who knows the password, to look into the mailbox', async () => {
    const { email } = await strict.account();
    expect(outcome(await login(email))).toEqual([403, 'email_unverified']);
    const [mail] = await mails(email);
    await verify(mail!.ticket!, strict);
    expect((await login(email)).status).toBe(200);
  });

  it('trust the address of an account that an administrator made', async () => {
    const email = newEmail();
    const made = await strict.admin('POST /admin/users', { email, password: PASSWORD });
    expect([made.status, (await login(email)).status]).toEqual([201, 200]);
  });
});

describe('settings of mail', () => {
  it.each([
    [{ REGISTRATION_SILENT: 'true' }, 'REGISTRATION_SILENT needs mails: set SMTP_URL or NOTIFY_URL'],
    [{ REQUIRE_VERIFIED_EMAIL: 'true' }, 'REQUIRE_VERIFIED_EMAIL needs mails: set SMTP_URL or NOTIFY_URL'],
    [{ SMTP_URL: 'smtp://127.0.0.1:25' }, 'SMTP_URL needs MAIL_FROM'],
    [{ NOTIFY_URL: 'https://shop.example' }, 'NOTIFY_URL needs NOTIFY_SECRET'],
    [
      { NOTIFY_URL: 'https://user:secret@shop.example', NOTIFY_SECRET: SECRET },
      'NOTIFY_URL must be a URL with https:// and',
    ],
    [{ MAIL_FROM: 'a@shop.example' }, 'MAIL_FROM has no effect without SMTP_URL'],
  ])('that are not enough stop the start: %j', async (env, words) => {
    const starting = startService(env);
    await expect(starting).rejects.toThrow(AuthConfigError);
    await expect(starting).rejects.toThrow(words);
  });
});
