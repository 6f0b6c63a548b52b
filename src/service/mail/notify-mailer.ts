import { DeliveryError } from '../outbox/outbox-topic.js';
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
    const answer = await fetch(this.url, {
      method: 'POST',
      headers: webhookHeaders({ id, body }, [this.secret], Math.floor(now / 1000)),
      body,
      // Elsewhere is nobody whom the operator has named.
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWERED_WITHIN),
    }).catch((error: unknown) => {
      throw new DeliveryError(`The receiver of NOTIFY_URL cannot be reached (${reasonOf(error)}).`);
    });
    await answer.body?.cancel();
    if (!answer.ok) throw new DeliveryError(`The receiver of NOTIFY_URL answered ${answer.status}.`);
  }
}

/** The code alone: a message may hold the URL, and in it a password. */
function reasonOf(error: unknown): string {
  const { name, cause } = error as { name: string; cause?: { code?: unknown } };
  return typeof cause?.code === 'string' ? cause.code : name;
}
