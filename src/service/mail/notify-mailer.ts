import { post } from '../outbox/post.js';
import { AccountMailer, type AccountMail } from './account-mailer.js';
import { webhookHeaders } from '../webhooks/webhook-signature.js';

const ANSWERED_WITHIN = 10_000;

/** Posts each mail to the operator's own sender, signed after Standard Webhooks. */
export class NotifyMailer extends AccountMailer {
  /** @param now milliseconds since the epoch */
  constructor(
    private readonly url: string,
    private readonly secret: string,
    private readonly now: () => number = Date.now,
  ) {
    super();
  }

  override async send({ id, kind, to, ticket, link, expiresAt, locale }: AccountMail): Promise<void> {
    const now = this.now();
    const data = { kind, to, ticket, link, expires_at: expiresAt && expiresAt / 1000, locale };
    const body = JSON.stringify({ type: 'account.mail', timestamp: new Date(now).toISOString(), data });
    await post({
      url: this.url,
      setting: 'NOTIFY_URL',
      headers: webhookHeaders({ id, body }, [this.secret], Math.floor(now / 1000)),
      body,
      timeout: ANSWERED_WITHIN,
    });
  }
}
