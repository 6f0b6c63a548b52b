import { Logger } from '@nestjs/common';
import { eq, sql } from 'drizzle-orm';
import { startMailbox, type Mailbox } from '../../../test/support/mailbox.js';
import { openUsersDatabase, USERS_DATABASES } from '../../../test/support/users-databases.js';
import { AuthClock } from '../../index.js';
import type { Database } from '../database/database.js';
import { tickets } from '../database/tickets.schema.js';
import { users } from '../database/users.schema.js';
import { AccountLinks } from '../mail/account-links.js';
import { MailTemplates } from '../mail/mail-templates.js';
import { SmtpMailer } from '../mail/smtp-mailer.js';
import { smtpServer } from '../config/smtp-server.js';
import { OutboxTable } from '../outbox/outbox-table.js';
import { Outbox } from '../outbox/outbox.js';
import { AccountChanges } from './account-changes.js';
import { AccountMails } from './account-mails.js';
import { HashQueue } from './hash-queue.js';
import { ACCOUNT_MAIL, MailRequests, preferredLocale, type MailRequest } from './mail-requests.js';
import { PasswordHasher } from './passwords.js';
import { MailTickets, TICKET_LIFE } from './tickets.js';
import { UsersService } from './users.service.js';

Logger.overrideLogger(false);

const MINUTE = 60_000;
const START = 1_800_000_000_000;
const EMAIL = 'Ann@shop.example';

describe.each(USERS_DATABASES)('mails to users, on %s', (where) => {
  let database: Database;
  let stop: () => Promise<void>;
  let mailbox: Mailbox;
  let now: number;
  let outbox: Outbox;
  let table: OutboxTable;
  let requests: MailRequests;
  let accounts: UsersService;
  let changes: AccountChanges;
  let sub: string;

  beforeAll(async () => {
    ({ database, stop } = await openUsersDatabase(where));
    mailbox = await startMailbox();
    const clock = new AuthClock(() => now);
    table = new OutboxTable(database);
    outbox = new Outbox(table, clock);
    const templates = new MailTemplates('shop.example', undefined, () => now);
    const mailer = await SmtpMailer.at(smtpServer(mailbox.url)!, 'Shop <accounts@shop.example>', templates);
    const delivery = { mailer, reachesUsers: true };
    const links = new AccountLinks({ issuer: 'https://auth.shop.example/' });
    void new AccountMails(outbox, database, delivery, new MailTickets('the keys'), links, clock);
    requests = new MailRequests(database, outbox, delivery, clock);
    const hasher = new PasswordHasher(new HashQueue(), { memoryCost: 8, timeCost: 1, parallelism: 1 });
    accounts = new UsersService(database, hasher);
    changes = new AccountChanges(database);
  });
  afterAll(async () => {
    await outbox.onModuleDestroy();
    await mailbox.stop();
    await stop();
  });
  beforeEach(async () => {
    now = START;
    await database.db.execute(sql`truncate users, outbox, tickets, mails_sent`);
    mailbox.mails.length = 0;
    mailbox.mood.refuses = undefined;
    mailbox.mood.losesAnswers = false;
    sub = (await accounts.register(EMAIL, 'correct horse')).id;
  });

  const ask = (request: MailRequest) => requests.write(database.db, request);
  const forgot = (email = EMAIL) => ask({ kind: 'password-reset', email, locale: null });
  const sweep = () => outbox.sweep(ACCOUNT_MAIL);
  const known = async ({ ticket }: { ticket?: string }) => (await changes.holderOf(ticket!, now)) !== null;

  it('goes to the address as its owner gave it, with a link to the service that works for half an hour', async () => {
    await forgot('ann@shop.EXAMPLE');
    await sweep();
    const [mail] = mailbox.mails;
    expect(mail).toMatchObject({ to: [EMAIL], subject: 'Set a new password' });
    expect(mail!.link).toMatch(/^https:\/\/auth\.shop\.example\/account\/reset#ticket=[\w-]{43}$/);
    now += TICKET_LIFE - 1;
    expect(await known(mail!)).toBe(true);
    now += 1;
    expect(await known(mail!)).toBe(false);
  });

  it('arrives once, under the id of its entry, from a mail server that was away for ten minutes', async () => {
    await mailbox.away();
    await forgot();
    const { id } = (await table.list(1))[0]!;
    const end = now + 10 * MINUTE;
    while (now < end) {
      await sweep();
      now = Math.min((await table.nextDue(ACCOUNT_MAIL)) ?? end, end);
    }
    expect((await table.list(1))[0]).toMatchObject({
      attempts: 7,
      fault: expect.stringMatching(/^The mail server cannot be reached, or does not answer \(E\w+\)\.$/),
    });
    await mailbox.back();
    for (let n = 0; n < 5; n++) {
      await sweep();
      now += 20 * MINUTE;
    }
    expect(mailbox.mails.map((mail) => mail.id)).toEqual([id]);
    expect(await table.list(1)).toEqual([]);
  });

  it('comes again with the same id and the same ticket when its answer was lost', async () => {
    mailbox.mood.losesAnswers = true;
    await forgot();
    await sweep();
    mailbox.mood.losesAnswers = false;
    await mailbox.back();
    now += MINUTE;
    await sweep();
    const [first, second] = mailbox.mails;
    expect(second).toMatchObject({ id: first!.id, ticket: first!.ticket });
    expect(await known(second!)).toBe(true);
  });

  it('does not bring back a ticket that was used before the mail came again', async () => {
    mailbox.mood.losesAnswers = true;
    await forgot();
    await sweep();
    now += 1;
    expect(await changes.redeemTicket(mailbox.mails[0]!.ticket!, 'new', now)).toMatchObject({ sub });
    mailbox.mood.losesAnswers = false;
    await mailbox.back();
    now += MINUTE;
    await sweep();
    expect(mailbox.mails).toHaveLength(1);
    expect(await known(mailbox.mails[0]!)).toBe(false);
    expect((await table.list(10)).map(({ topic }) => topic)).toEqual(['sessions']);
  });

  it('leaves no ticket and no secret in the database', async () => {
    await forgot();
    await mailbox.away();
    await sweep();
    const waiting = JSON.stringify([await table.list(10), await database.db.select().from(tickets)]);
    await mailbox.back();
    now += MINUTE;
    await sweep();
    expect(waiting).not.toContain(mailbox.mails[0]!.ticket!);
  });

  it('goes to nobody for an unknown address, a disabled account and one whose password was changed since', async () => {
    await forgot('nobody@shop.example');
    await sweep();
    await forgot();
    now += 1;
    await changes.changePassword(sub, (await row()).passwordHash!, 'new', now);
    await sweep();
    now += 1;
    await forgot();
    await changes.patch(sub, { disabled: true }, now + 1);
    await sweep();
    expect(mailbox.mails).toEqual([]);
    expect(await table.list(10)).toHaveLength(2); // What the session store is to be told.
  });

  it('is sent to an address three times in half an hour at most, and says nothing of it', async () => {
    for (let n = 0; n < 5; n++) {
      await forgot();
      await sweep();
      now += MINUTE;
    }
    expect(mailbox.mails).toHaveLength(3);
    expect(await table.list(1)).toEqual([]);
  });

  // Anybody can ask in the name of anybody: whoever gets no further mail must have one that works.
  it('of a kind that the address has got too often is not sent while a ticket of that kind works, and no longer', async () => {
    for (let n = 0; n < 3; n++) await forgot();
    await sweep();
    now += TICKET_LIFE - 1000;
    await forgot();
    await sweep();
    expect(mailbox.mails).toHaveLength(3);
    expect(await Promise.all(mailbox.mails.map(known))).toContain(true);
    now += 1000;
    await forgot();
    await sweep();
    expect(mailbox.mails).toHaveLength(4);
  });

  it('with a new password reaches who got too many others, which strangers can ask for', async () => {
    const stranger = (await accounts.register('mallory@evil.example', 'correct horse')).id;
    for (let n = 0; n < 5; n++) {
      await ask({ kind: 'registration', email: EMAIL, locale: null });
      await ask({ kind: 'change-email', sub: stranger, to: EMAIL, locale: null });
    }
    await sweep();
    expect(mailbox.mails).toHaveLength(3);
    await forgot();
    await sweep();
    expect(mailbox.mails.at(-1)).toMatchObject({ to: [EMAIL], subject: 'Set a new password' });
  });

  it('counts a mail once, however often it was tried', async () => {
    await mailbox.away();
    await forgot();
    for (let n = 0; n < 6; n++) {
      await sweep();
      now += MINUTE;
    }
    await mailbox.back();
    await sweep();
    await forgot();
    await sweep();
    expect(mailbox.mails).toHaveLength(2);
  });

  it('of a later request voids the ticket of the one before, in whichever order they arrive', async () => {
    await forgot();
    await sweep();
    await mailbox.away();
    now += 1;
    await forgot();
    await sweep();
    now += 1;
    await mailbox.back();
    await forgot();
    await sweep();
    now += MINUTE;
    await sweep();
    // The second was to come again later than the third, and is of no use by then.
    expect(mailbox.mails).toHaveLength(2);
    expect(await Promise.all(mailbox.mails.map(known))).toEqual([false, true]);
  });

  it('has one receiver, also where the address has a line break, a comma or a name in it', async () => {
    for (const address of ['"a\r\nb"@shop.example', 'a@shop.example,b@evil.example', 'x <b@evil.example>']) {
      await database.db.update(users).set({ email: address }).where(eq(users.id, sub));
      await forgot();
      await sweep();
      now += 60 * MINUTE;
    }
    expect(mailbox.mails.flatMap(({ to }) => to).filter((to) => to.startsWith('b@'))).toEqual([]);
    expect(mailbox.mails.flatMap(({ source }) => /^(?:to|cc|bcc): .*$/gim.exec(source) ?? [])).not.toContainEqual(
      expect.stringContaining('b@evil.example>,'),
    );
  });

  it('that a mailbox refuses for good is given up at once, and a refusal for now is tried again', async () => {
    mailbox.mood.refuses = () => Object.assign(new Error('no such mailbox'), { responseCode: 550 });
    await forgot();
    await sweep();
    expect((await table.list(1))[0]).toMatchObject({ due: null, fault: 'The mail server answered 550 to RCPT TO.' });
    mailbox.mood.refuses = () => Object.assign(new Error('the mailbox is full'), { responseCode: 452 });
    await forgot();
    await sweep();
    expect((await table.list(2))[1]).toMatchObject({ due: now + 5_000, attempts: 1 });
  });

  it('cannot be asked for where nobody sends mails', () => {
    const none = new MailRequests(database, outbox, { mailer: null, reachesUsers: false }, new AuthClock());
    expect(() => none.requireMailer()).toThrow('This service sends no mails. Ask an administrator for a ticket.');
    expect(() => requests.requireMailer()).not.toThrow();
  });

  describe('a new address', () => {
    const change = (to: string) => ask({ kind: 'change-email', sub, to, locale: null });

    it('gets a ticket, which is void after a reset, also where its mail was still under way', async () => {
      await change('new@shop.example');
      await sweep();
      expect(mailbox.mails[0]).toMatchObject({ to: ['new@shop.example'] });
      expect(await database.db.$count(tickets)).toBe(1);
      await change('newer@shop.example');
      now += 1;
      const { ticket } = (await changes.issueTicket(sub, now))!;
      await changes.redeemTicket(ticket, 'new', now);
      await sweep();
      expect(mailbox.mails).toHaveLength(1);
      expect(await database.db.$count(tickets)).toBe(0);
    });

    it('of somebody else gets a mail that says so, and no ticket', async () => {
      await accounts.register('bob@shop.example', 'correct horse');
      await change('BOB@shop.example');
      await sweep();
      expect(mailbox.mails).toMatchObject([{ to: ['bob@shop.example'], subject: 'You have an account already' }]);
      expect(mailbox.mails[0]!.link).toBeUndefined();
      expect(await database.db.$count(tickets)).toBe(0);
    });

    it('is told to the old one, however many other mails that has got', async () => {
      for (let n = 0; n < 4; n++) await forgot();
      await ask({ kind: 'email-changing', sub, to: EMAIL, locale: null });
      await sweep();
      expect(mailbox.mails.map(({ subject }) => subject)).toContain('The address of your account is about to change');
    });
  });

  describe('a silent registration', () => {
    const register = (email: string, password: string) =>
      accounts.registerPending(email, password, now, {
        alsoWrite: (tx) => requests.write(tx, { kind: 'registration', email, locale: null }),
      });

    it('gets a ticket for a new address, and tells the owner of a known one', async () => {
      await register('new@shop.example', 'correct horse');
      await register('ann@shop.example', 'correct horse');
      await sweep();
      const subjects = Object.fromEntries(mailbox.mails.map(({ to, subject }) => [to[0], subject]));
      expect(subjects).toEqual({
        [EMAIL]: 'You have an account already',
        'new@shop.example': 'Confirm your e-mail address',
      });
    });

    it('counts as nobody until it is verified, and cannot log in', async () => {
      await register('new@shop.example', 'correct horse');
      const login = accounts.authenticate('new@shop.example', 'correct horse');
      await expect(login).rejects.toMatchObject({ code: 'invalid_credentials' });
    });

    it('of an address that waits for its mail already voids the ticket before, and gets one for a new password', async () => {
      await register('new@shop.example', "the owner's password");
      await sweep();
      now += 2;
      await register('new@shop.example', "a stranger's password");
      expect(await database.db.$count(tickets)).toBe(0);
      await sweep();
      expect(mailbox.mails.map(({ subject }) => subject)).toEqual([
        'Confirm your e-mail address',
        'Set a new password',
      ]);
    });

    it('does not touch an account that is somebody else', async () => {
      await register(EMAIL, "a stranger's password");
      expect((await accounts.authenticate(EMAIL, 'correct horse')).user.id).toBe(sub);
    });
  });

  const row = async () => (await database.db.select().from(users).where(eq(users.id, sub)))[0]!;
});

describe('the language of a mail', () => {
  it.each([
    ['de-AT,de;q=0.9', 'de-at'],
    ['fr', 'fr'],
    ['*', null],
    ['', null],
    ['../../etc', null],
    [undefined, null],
    [['de', 'fr'], null],
  ])('is read from %j as %j', (header, locale) => {
    expect(preferredLocale(header)).toBe(locale);
  });
});
