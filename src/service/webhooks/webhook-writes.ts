import type { WebhookPayload } from './webhook-event.js';
import { webhookSubject } from './webhook-event.js';

const MOST = 10_000;

/**
 * Events on their way into the outbox, in their order for each session or user. What cannot be written stays pending, and is
 * written when it can be: for as long as the process runs.
 */
export class WebhookWrites {
  private readonly waiting = new Map<string, WebhookPayload[]>();
  private readonly writing = new Map<string, Promise<boolean>>();
  private readonly told = new WeakSet<WebhookPayload>();
  private retrying?: Promise<void>;

  constructor(
    private readonly write: (payload: WebhookPayload) => Promise<void>,
    private readonly tellPending: (payload: WebhookPayload, fault: unknown) => void,
  ) {}

  get pending(): number {
    return [...this.waiting.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /** Resolves when the event is written, or is pending. Never throws. */
  async add(payload: WebhookPayload): Promise<void> {
    const subject = webhookSubject(payload);
    const queue = this.waiting.get(subject) ?? [];
    if (this.pending >= MOST) {
      this.tellPending(payload, new Error('There are too many pending events, so it is not sent'));
      return;
    }
    this.waiting.set(subject, [...queue, payload]);
    await this.flush(subject);
  }

  /** Tries what is pending again, until one cannot be written: a database that hangs would take its time for each. */
  retry(): Promise<void> {
    this.retrying ??= this.retryEach().finally(() => (this.retrying = undefined));
    return this.retrying;
  }

  private async retryEach(): Promise<void> {
    for (const subject of [...this.waiting.keys()]) if (!(await this.flush(subject))) return;
  }

  /** @returns whether all of the subject is written */
  private flush(subject: string): Promise<boolean> {
    const before = this.writing.get(subject) ?? Promise.resolve(true);
    const done = before.then(() => this.writeAll(subject));
    this.writing.set(subject, done);
    return done.finally(() => {
      if (this.writing.get(subject) === done) this.writing.delete(subject);
    });
  }

  private async writeAll(subject: string): Promise<boolean> {
    for (let [next] = this.waiting.get(subject) ?? []; next; [next] = this.waiting.get(subject) ?? []) {
      try {
        await this.write(next);
      } catch (fault) {
        this.postpone(subject, fault);
        return false;
      }
      const rest = this.waiting.get(subject)!.slice(1);
      if (rest.length > 0) this.waiting.set(subject, rest);
      else this.waiting.delete(subject);
    }
    return true;
  }

  /** Behind all others, so that an event which can never be written does not hold them up. Each is named once. */
  private postpone(subject: string, fault: unknown): void {
    const queue = this.waiting.get(subject)!;
    this.waiting.delete(subject);
    this.waiting.set(subject, queue);
    for (const payload of queue.filter((one) => !this.told.has(one))) {
      this.told.add(payload);
      this.tellPending(payload, fault);
    }
  }
}
