import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMailbox } from '../../../test/support/mailbox.js';
import { readServiceConfig } from '../config/service.config.js';
import { DeliveryError } from '../outbox/outbox-topic.js';
import { MAIL_KINDS, type AccountMail } from './account-mailer.js';
import { chooseMailer } from './choose-mailer.js';
import { MailTemplates } from './mail-templates.js';
import { NotifyMailer } from './notify-mailer.js';
import { SmtpMailer } from './smtp-mailer.js';
import { smtpServer } from '../config/smtp-server.js';
import { isWebhookSecret } from '../config/webhook-secret.js';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const MAIL: AccountMail = {
  id: '5f2f6c34-0000-4000-8000-000000000001',
  kind: 'password-reset',
  to: 'ada@shop.example',
  ticket: 'the-ticket',
  link: 'https://auth.shop.example/account/reset#ticket=the-ticket',
  expiresAt: NOW + 30 * 60_000,
  locale: 'de-at',
};

describe('a sender of the operator', () => {
  const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  let server: Server;
  let url: string;
  let answer: number;
  let got: { headers: IncomingHttpHeaders; body: string }[];
  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        got.push({ headers: request.headers, body });
        response.writeHead(answer, { location: '/elsewhere' }).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/notify`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  beforeEach(() => void ([got, answer] = [[], 204]));
  const mailer = () => new NotifyMailer(url, SECRET, () => NOW);

  it('gets the mail as JSON, signed after Standard Webhooks', async () => {
    await mailer().send(MAIL);
    const [{ headers, body }] = got as [(typeof got)[0]];
    expect(JSON.parse(body)).toEqual({
      type: 'account.mail',
      timestamp: '2026-03-01T12:00:00.000Z',
      data: {
        kind: 'password-reset',
        to: 'ada@shop.example',
        ticket: 'the-ticket',
        link: MAIL.link,
        expires_at: NOW / 1000 + 1800,
        locale: 'de-at',
      },
    });
    const signed = `${MAIL.id}.${NOW / 1000}.${body}`;
    const signature = createHmac('sha256', Buffer.alloc(32, 7)).update(signed).digest('base64');
    expect(headers).toMatchObject({
      'webhook-id': MAIL.id,
      'webhook-timestamp': String(NOW / 1000),
      'webhook-signature': `v1,${signature}`,
    });
  });

  it.each([301, 400, 500])('that answers %i gets it again, and is not followed elsewhere', async (status) => {
    answer = status;
    await expect(mailer().send(MAIL)).rejects.toThrow(
      new DeliveryError(`The receiver of NOTIFY_URL answered ${status}.`),
    );
    expect(got).toHaveLength(1);
  });

  it('that is away is told of without its URL, which may hold a password', async () => {
    const away = new NotifyMailer('http://user:hunter2@127.0.0.1:1/', SECRET, () => NOW);
    const failed = away.send(MAIL);
    await expect(failed).rejects.toThrow(DeliveryError);
    await expect(failed).rejects.not.toThrow('hunter2');
  });

  it.each(['', 'whsec_', 'whsec_c2hvcnQ=', Buffer.alloc(32).toString('base64'), 'whsec_!!!'])(
    'has no secret like %j',
    (secret) => {
      expect(isWebhookSecret(secret)).toBe(false);
    },
  );
});

describe('SMTP_URL', () => {
  it.each([
    ['smtps://mail.example', { host: 'mail.example', port: 465, tls: 'implicit' }],
    ['smtp://mail.example', { host: 'mail.example', port: 587, tls: 'starttls' }],
    ['smtp://a%40b:p%2Fw@mail.example:25', { port: 25, tls: 'starttls', user: 'a@b', password: 'p/w' }],
    ['smtp://relay:25?tls=off', { tls: 'none' }],
    ['smtp://127.0.0.1:25', { tls: 'none' }],
    ['smtp://[::1]:25', { host: '::1', tls: 'none' }],
  ])('%s is read', (url, server) => {
    expect(smtpServer(url)).toMatchObject(server);
  });

  it.each([
    'mail.example',
    'http://mail.example',
    'smtp://',
    'smtp://h/x',
    'smtp://h?logger=true',
    'smtps://h?tls=off',
    'smtp://%zz@h',
    'smtp://h#x',
  ])('%s is refused', (url) => {
    expect(smtpServer(url)).toBeNull();
  });

  it('of another machine is refused a server that offers no TLS, before anything is sent', async () => {
    const mailbox = await startMailbox();
    const server = { ...smtpServer(mailbox.url)!, tls: 'starttls' as const };
    const mailer = await SmtpMailer.at(server, 'accounts@shop.example', new MailTemplates('shop.example'));
    await expect(mailer.send(MAIL)).rejects.toThrow(DeliveryError);
    expect(mailbox.mails).toEqual([]);
    await mailbox.stop();
  });
});

describe('templates', () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'keyturn-mails-'))));
  afterEach(() => rm(folder, { recursive: true }));
  const write = (name: string, content: string) => writeFile(join(folder, name), content);
  const templates = () => new MailTemplates('shop.example', folder, () => NOW);

  it.each(MAIL_KINDS)('are built in for %s, as plain text and HTML', (kind) => {
    const told = kind === 'email-changing' || kind === 'account-exists';
    const mail = { ...MAIL, kind, ...(told && { ticket: null, link: null, expiresAt: null }) };
    const { subject, text, html } = new MailTemplates('shop.example', undefined, () => NOW).render(mail);
    for (const part of [subject, text, html!]) expect(part).not.toMatch(/\{\{|undefined|null/);
    for (const part of [text, html!]) expect(part.includes(MAIL.link!)).toBe(!told);
    if (!told) expect(text).toContain('within 30 minutes');
  });

  it("of the operator come first, in the user's language where there is one", async () => {
    await write('password-reset.txt', 'Subject: New password\n\nGo to {{link}} within {{minutes}} minutes.\n');
    await write('password-reset.de.txt', 'Subject: Neues Passwort\n\nHier: {{link}}\n');
    await write('password-reset.de.html', '<a href="{{link}}">{{address}}</a>');
    const render = (locale: string | null, more: Partial<AccountMail> = {}) =>
      templates().render({ ...MAIL, locale, ...more });
    expect(render('fr')).toEqual({ subject: 'New password', text: `Go to ${MAIL.link} within 30 minutes.\n` });
    expect(render(null).subject).toBe('New password');
    expect(render('de-at', { to: '<b>&"@x' })).toEqual({
      subject: 'Neues Passwort',
      text: `Hier: ${MAIL.link}\n`,
      html: `<a href="${MAIL.link}">&#60;b&#62;&#38;&#34;@x</a>`,
    });
  });

  it.each([
    ['reset.txt', 'Subject: x\n\n{{link}}', 'reset.txt, which is no mail of ours'],
    ['password-reset.txt', 'Hello {{link}}', "must begin with a line 'Subject: …'"],
    ['password-reset.txt', 'Subject: x\n\nHello', 'does not have {{link}}'],
    ['password-reset.txt', 'Subject: x\n\n{{link}} {{ticket}}', 'has {{ticket}}'],
    ['password-reset.txt', 'Subject: x\n\n{{ link }}', 'has {{ link }}'],
    ['password-reset.html', '{{link}}', 'has no .txt beside it'],
  ])('with a fault stop the start: %s %j', async (name, content, words) => {
    await write(name, content);
    expect(templates).toThrow(words);
  });

  it('in a folder that is not there stop the start', () => {
    expect(() => new MailTemplates('x', join(folder, 'none'))).toThrow('mailTemplates names the folder');
  });
});

describe('the mailer of a service', () => {
  const production = {
    ...{ NODE_ENV: 'production', AUTH_ISSUER: 'https://auth.shop.example', AUTH_KEYS: '{"keys":[]}' },
    ...{ DATABASE_URL: 'postgres://a:b@db/c', REDIS_URL: 'redis://:pw@redis' },
  };

  it('prints links in development, and is missing in production, so that no ticket stands in a log there', async () => {
    expect(await chooseMailer(readServiceConfig({}))).toMatchObject({
      mailer: expect.any(Object),
      reachesUsers: false,
    });
    expect(await chooseMailer(readServiceConfig(production))).toEqual({ mailer: null, reachesUsers: false });
  });

  it('can be given by who embeds the service, before all settings', async () => {
    const own = { send: async () => undefined };
    expect(await chooseMailer(readServiceConfig({ REGISTRATION_SILENT: 'true' }), own)).toEqual({
      mailer: own,
      reachesUsers: true,
    });
  });

  it.each([
    { SMTP_URL: 'smtp://relay:25?tls=off', MAIL_FROM: 'a@b.example' },
    { NOTIFY_URL: 'http://sender', NOTIFY_SECRET: `whsec_${'A'.repeat(44)}` },
  ])('sends no tickets without TLS in production: %j', (mail) => {
    expect(() => readServiceConfig({ ...production, ...mail })).toThrow('open-mail');
    expect(readServiceConfig({ ...production, ...mail, ALLOW_IN_PRODUCTION: 'open-mail' })).toBeDefined();
  });
});
