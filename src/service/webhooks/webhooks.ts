import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { AuthClock, AuthError, AuthEvents, type AuthEvent } from '../../index.js';
import { WEBHOOK_CONFIG, type WebhookConfig } from '../config/load-config.js';
import { Database } from '../database/database.js';
import { reachable } from '../database/database-errors.js';
import { enqueue, type OutboxEntry } from '../outbox/outbox-entry.js';
import { Outbox } from '../outbox/outbox.js';
import type { OutboxTopic } from '../outbox/outbox-topic.js';
import { post } from '../outbox/post.js';
import { webhookPayload, webhookSubject, type WebhookPayload } from './webhook-event.js';
import { webhookHeaders } from './webhook-signature.js';
import { WebhookWrites } from './webhook-writes.js';

const WEBHOOKS = 'webhooks';
const [SECOND, HOUR] = [1_000, 3_600_000];
const ANSWERS_WITHIN = 15 * SECOND;
const RETRY_PENDING = 2 * SECOND;
/** A stop waits no longer for what could not be written until then. */
const FAREWELL = SECOND;

/**
 * Sends events to `WEBHOOK_URL`, signed after Standard Webhooks: at least once, always with the same `webhook-id`, in order
 * for each session, for a day. An event is in the outbox before the call that caused it is answered ({@link written}).
 */
@Injectable()
export class Webhooks implements OutboxTopic, OnApplicationBootstrap, OnApplicationShutdown {
  readonly name = WEBHOOKS;
  readonly retries = { firstPause: 5 * SECOND, longestPause: HOUR, giveUpAfter: 24 * HOUR };
  readonly isOrdered = true;
  readonly retriesAtStart = false;
  private readonly logger = new Logger('Webhooks');
  private readonly writes = new WebhookWrites(
    (payload) => this.write(payload),
    (payload, fault) => this.tell(payload, fault),
  );
  /** By the id of the request that caused them. */
  private readonly underWay = new Map<string, Promise<unknown>>();
  private timer?: NodeJS.Timeout;

  constructor(
    @Inject(WEBHOOK_CONFIG) private readonly config: WebhookConfig,
    @Inject(Outbox) private readonly outbox: Outbox,
    @Inject(Database) private readonly database: Database,
    @Inject(AuthClock) private readonly clock: AuthClock,
    @Inject(AuthEvents) events: AuthEvents,
  ) {
    if (config.webhookUrl === undefined) return;
    outbox.register(this);
    events.listen((event) => this.hear(event));
  }

  onApplicationBootstrap(): void {
    if (this.config.webhookUrl === undefined) return;
    this.timer = setInterval(() => void this.writes.retry(), RETRY_PENDING).unref();
  }

  /** After the last request, whose events are the last ones; the database is still open here. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await Promise.race([this.writes.retry(), pause(FAREWELL, undefined, { ref: false })]);
    const { pending } = this.writes;
    if (pending > 0) this.logger.error(`Pending webhooks are lost, since they cannot be written down: ${pending}.`);
  }

  /** Resolves when the events of a request are in the outbox, or named as pending. Never throws. */
  async written(requestId: unknown): Promise<void> {
    if (typeof requestId === 'string' && this.underWay.size > 0) await this.underWay.get(requestId);
  }

  async deliver({ id, body }: OutboxEntry): Promise<void> {
    const text = JSON.stringify(body);
    const headers = webhookHeaders(
      { id: `msg_${id}`, body: text },
      this.config.webhookSecret,
      Math.floor(this.clock.now() / SECOND),
    );
    await post({
      url: this.config.webhookUrl!,
      setting: 'WEBHOOK_URL',
      headers,
      body: text,
      timeout: ANSWERS_WITHIN,
    });
  }

  private hear(event: AuthEvent): void {
    const payload = webhookPayload(event, this.clock.now());
    if (!payload) return;
    const written = this.writes.add(payload);
    const { requestId } = event;
    if (requestId === undefined) return;
    const all = Promise.all([this.underWay.get(requestId), written]).finally(() => {
      if (this.underWay.get(requestId) === all) this.underWay.delete(requestId);
    });
    this.underWay.set(requestId, all);
  }

  private async write(payload: WebhookPayload): Promise<void> {
    const entry = { topic: WEBHOOKS, subject: webhookSubject(payload), body: payload };
    await reachable(enqueue(this.database.db, entry, this.clock.now()));
    this.outbox.wake(WEBHOOKS);
  }

  private tell({ type, data }: WebhookPayload, fault: unknown): void {
    const why = fault instanceof AuthError ? (fault.fault ?? fault.code) : String(fault);
    const whose = typeof data.sid === 'string' ? ` of session ${data.sid}` : '';
    this.logger.warn(`The webhook ${type}${whose} is pending and will be sent later: ${why}`);
  }
}
