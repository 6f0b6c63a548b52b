import { AuthConfigError } from '../../index.js';
import type { ServiceConfig } from '../config/service.config.js';
import type { AccountMailer } from './account-mailer.js';
import { ConsoleMailer } from './console-mailer.js';
import { MailTemplates } from './mail-templates.js';
import { NotifyMailer } from './notify-mailer.js';
import { SmtpMailer } from './smtp-mailer.js';
import { smtpServer } from '../config/smtp-server.js';

type MailConfig = Pick<
  ServiceConfig,
  | 'auth'
  | 'mailFrom'
  | 'mailTemplates'
  | 'notifySecret'
  | 'notifyUrl'
  | 'production'
  | 'registrationSilent'
  | 'requireVerifiedEmail'
  | 'smtpUrl'
>;

/** DI token of {@link MailDelivery}. */
export const MAIL_DELIVERY = Symbol('mail delivery');

/** How mails reach users. */
export interface MailDelivery {
  /** Null: they do not, and an administrator hands tickets over. */
  readonly mailer: AccountMailer | null;
  /** Whether mails arrive in mailboxes, and not only on the screen of a developer. */
  readonly reachesUsers: boolean;
}

/**
 * The sender that the settings ask for.
 * @param given by who embeds the service; it comes before all settings
 * @throws AuthConfigError for settings that need a sender
 */
export async function chooseMailer(config: MailConfig, given?: AccountMailer): Promise<MailDelivery> {
  const mailer = given ?? (await configured(config));
  if (mailer) return { mailer, reachesUsers: true };
  for (const option of ['registrationSilent', 'requireVerifiedEmail'] as const) {
    if (config[option]) throw AuthConfigError.of(option, 'needs mails: set SMTP_URL or NOTIFY_URL');
  }
  return { mailer: config.production ? null : new ConsoleMailer(), reachesUsers: false };
}

async function configured(config: MailConfig): Promise<AccountMailer | null> {
  const { smtpUrl, notifyUrl, mailFrom, notifySecret, mailTemplates, auth } = config;
  if (notifyUrl !== undefined) return new NotifyMailer(notifyUrl, notifySecret!);
  if (smtpUrl === undefined) return null;
  const templates = new MailTemplates(new URL(auth.issuer).host, mailTemplates);
  return SmtpMailer.at(smtpServer(smtpUrl)!, mailFrom!, templates);
}
