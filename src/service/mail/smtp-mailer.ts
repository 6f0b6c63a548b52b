import type { Transporter } from 'nodemailer';
import { DeliveryError } from '../outbox/outbox-topic.js';
import { AccountMailer, type AccountMail } from './account-mailer.js';
import type { MailTemplates } from './mail-templates.js';
import type { SmtpServer } from '../config/smtp-server.js';

const ANSWERED_WITHIN = 10_000;

/** Sends by SMTP, over a connection for each mail. */
export class SmtpMailer extends AccountMailer {
  private constructor(
    private readonly transport: Transporter,
    private readonly from: string,
    private readonly templates: MailTemplates,
  ) {
    super();
  }

  /** @param from `MAIL_FROM`, such as `Shop <accounts@shop.example>` */
  static async at(server: SmtpServer, from: string, templates: MailTemplates): Promise<SmtpMailer> {
    // Loaded here and not above: most services have another way to send.
    const { createTransport } = await import('nodemailer');
    const { host, port, tls, user, password } = server;
    const transport = createTransport({
      ...{ host, port, secure: tls === 'implicit', requireTLS: tls === 'starttls', ignoreTLS: tls === 'none' },
      ...(user !== undefined && { auth: { user, pass: password ?? '' } }),
      ...{ connectionTimeout: ANSWERED_WITHIN, greetingTimeout: ANSWERED_WITHIN, socketTimeout: ANSWERED_WITHIN },
      ...{ disableFileAccess: true, disableUrlAccess: true },
    });
    return new SmtpMailer(transport, from, templates);
  }

  override async send(mail: AccountMail): Promise<void> {
    const { subject, text, html } = this.templates.render(mail);
    const domain = /@([^\s>@]+)>?\s*$/.exec(this.from)?.[1] ?? 'keyturn.invalid';
    await this.transport
      .sendMail({
        from: this.from,
        // An object, since in a text a comma or a line break would name another receiver.
        to: { name: '', address: mail.to },
        subject,
        text,
        html,
        // The same at each attempt, so that mailboxes which know it show it once.
        messageId: `<${mail.id}@${domain}>`,
        // No out-of-office answers (RFC 3834).
        headers: { 'Auto-Submitted': 'auto-generated' },
      })
      .catch((error: unknown) => {
        throw deliveryError(error);
      });
  }
}

/** In words of ours: what the server says quotes the address. */
function deliveryError(error: unknown): DeliveryError {
  const { code, responseCode, command } = error as { code?: string; responseCode?: number; command?: string };
  if (responseCode === undefined) {
    return new DeliveryError(`The mail server cannot be reached, or does not answer (${code ?? 'unknown'}).`);
  }
  // The mailbox is not there, and will not be in an hour. Other refusals are about us, and can be repaired.
  const isFinal = command === 'RCPT TO' && responseCode >= 500;
  return new DeliveryError(`The mail server answered ${responseCode} to ${command ?? 'a command'}.`, { isFinal });
}
