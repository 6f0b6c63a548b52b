import { AuthConfigError } from '../../index.js';
import { text, type CheckedOf } from '../../internal.js';
import { smtpServer } from './smtp-server.js';
import { isWebhookSecret } from './webhook-secret.js';
import { isLoopback } from './host.js';

/** Without user and password: fetch refuses a URL that has them, so no mail would ever arrive. */
const isSender = (given: string): boolean => {
  const url = URL.canParse(given) ? new URL(given) : null;
  return url !== null && /^https?:$/.test(url.protocol) && !url.username && !url.password;
};

const page = (given: string): string | undefined => {
  const url = URL.canParse(given) ? new URL(given) : null;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  return isSafe && !url.hash ? undefined : `is '${given}'; it must be a URL with https:// and without #`;
};

/** How mails reach users, and where their links lead. */
export const MAIL_OPTIONS = {
  smtpUrl: text({
    env: 'SMTP_URL',
    secret: true,
    kind: 'URL',
    range: 'smtps://user:password@host:port, or smtp:// with STARTTLS; smtp://host:port?tls=off without TLS',
    without: 'no mail by SMTP',
    about: 'Mail server that sends the mails to users',
    // Never says what was given: a password is in it.
    problem: (given) =>
      smtpServer(given)
        ? undefined
        : 'must be smtps://user:password@host:port, smtp://user:password@host:port or smtp://host:port?tls=off; in user ' +
          'and password write other characters than letters and digits as %XX (RFC 3986)',
  }),
  mailFrom: text({
    env: 'MAIL_FROM',
    range: 'such as Shop <accounts@shop.example>',
    without: 'needed with SMTP_URL',
    about: 'Sender of the mails',
    problem: (given) =>
      /^(?:[^<>\r\n]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/.test(given)
        ? undefined
        : `is '${given}'; write an address, or a name and an address: Shop <accounts@shop.example>`,
  }),
  mailTemplates: text({
    env: 'MAIL_TEMPLATES',
    kind: 'path',
    without: 'the built-in ones, in English',
    about: 'Folder with templates of mails of your own',
  }),
  notifyUrl: text({
    env: 'NOTIFY_URL',
    secret: true,
    kind: 'URL',
    range: 'https://',
    without: 'nobody is told',
    about: 'Your own sender: each mail is posted there in place of SMTP, signed after Standard Webhooks',
    problem: (given) => (isSender(given) ? undefined : 'must be a URL with https:// and without user and password'),
  }),
  notifySecret: text({
    env: 'NOTIFY_SECRET',
    secret: true,
    range: 'whsec_ and 24 to 64 bytes in base64',
    without: 'needed with NOTIFY_URL',
    about: 'Key of the signatures for NOTIFY_URL',
    problem: (given) =>
      isWebhookSecret(given)
        ? undefined
        : 'must be whsec_ and 24 to 64 random bytes in base64; make one by: echo whsec_$(openssl rand -base64 32)',
  }),
  resetPage: text({
    env: 'RESET_PAGE',
    kind: 'URL',
    without: 'AUTH_ISSUER and /account/reset',
    about: 'Page of your own that sets a new password; #ticket=… is added to it',
    problem: page,
  }),
  verifyPage: text({
    env: 'VERIFY_PAGE',
    kind: 'URL',
    without: 'AUTH_ISSUER and /account/verify',
    about: 'Page of your own that confirms an address; #ticket=… is added to it',
    problem: page,
  }),
};

/** @throws AuthConfigError for settings that need each other, or that exclude each other */
export function checkMailSettings(given: CheckedOf<typeof MAIL_OPTIONS>): void {
  const { smtpUrl, mailFrom, mailTemplates, notifyUrl, notifySecret } = given;
  const refuse = (option: keyof typeof MAIL_OPTIONS, problem: string): never => {
    throw AuthConfigError.of(option, problem);
  };
  if (smtpUrl !== undefined && notifyUrl !== undefined) refuse('smtpUrl', 'and NOTIFY_URL exclude each other; set one');
  if (smtpUrl !== undefined && mailFrom === undefined) refuse('smtpUrl', 'needs MAIL_FROM, the sender of the mails');
  if (notifyUrl !== undefined && notifySecret === undefined) refuse('notifyUrl', 'needs NOTIFY_SECRET');
  if (smtpUrl === undefined && mailFrom !== undefined) refuse('mailFrom', 'has no effect without SMTP_URL');
  if (smtpUrl === undefined && mailTemplates !== undefined) refuse('mailTemplates', 'has no effect without SMTP_URL');
  if (notifyUrl === undefined && notifySecret !== undefined) refuse('notifySecret', 'has no effect without NOTIFY_URL');
}
