import { Pace } from '../limits/pace.js';
import { sourceOf } from '../limits/source.js';
import type { LimitRate } from '../options/limit-options.js';
import { requestInfoOf } from '../transport/request-info.js';
import type { IncomingRequest } from '../transport/request-context.js';

/** How often a client may call the OAuth routes from one source. Asked before it is known whether it is the client. */
export class ClientPaces {
  private readonly pace: Pace;

  /**
   * @param rate null: no limit
   * @param isConfigured others count together by source: anybody can make up any number of names
   */
  constructor(
    rate: LimitRate | null,
    private readonly isConfigured: (clientId: string) => boolean,
  ) {
    this.pace = new Pace(rate, 'The client calls too often. Wait before the next call.');
  }

  /** @throws AuthError `too_many_attempts` with `retryAfter` */
  admit(clientId: string, request: IncomingRequest, now: number): void {
    const source = sourceOf(requestInfoOf(request).device?.ip);
    this.pace.admit(this.isConfigured(clientId) ? `${clientId} ${source}` : source, now);
  }
}
