import type { WebhookPayload } from './webhook-event.js';
import { webhookSubject } from './webhook-event.js';

const MOST = 10_000;

/**
 * Events on their way into the outbox, in their order for each session or user. What cannot be written stays pending, and is
 * written when it can be: for as long as the process runs.
 */
export class WebhookWrites {
  private readonly waiting = new Map<string, WebhookPayload[]>();
  private readonly writing = new Map<string, Promise<void>>();

  constructor(
    private readonly write: (payload: WebhookPayload) => Promise<void>,
    private readonly tellPending: (payload: WebhookPayload, fault: unknown) => void,
  ) {}

  get pending(): number {
    return [...this.waiting.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /** Resolves when the event is written, or is pending. Never throws. */
  add(payload: WebhookPayload): Promise<void> {
    const subject = webhookSubject(payload);
    const queue = this.waiting.get(subject) ?? [];
    if (this.pending >= MOST) {
      this.tellPending(payload, new Error('There are too many pending events, so it is not sent'));
      return Promise.resolve();
    }
    this.waiting.set(subject, [...queue, payload]);
    return this.flush(subject);
  }

  /** Tries all that is pending again. */
  async retry(): Promise<void> {
    for (const subject of [...this.waiting.keys()]) await this.flush(subject);
  }

  private flush(subject: string): Promise<void> {
    const before = this.writing.get(subject) ?? Promise.resolve();
    const done = before.then(() => this.writeAll(subject));
    this.writing.set(subject, done);
    return done.finally(() => {
      if (this.writing.get(subject) === done) this.writing.delete(subject);
    });
  }

  private async writeAll(subject: string): Promise<void> {
    for (let [next] = this.waiting.get(subject) ?? []; next; [next] = this.waiting.get(subject) ?? []) {
      try {
        await this.write(next);
      } catch (fault) {
        this.tellPending(next, fault);
        return;
      }
      const rest = this.waiting.get(subject)!.slice(1);
      if (rest.length > 0) this.waiting.set(subject, rest);
      else this.waiting.delete(subject);
    }
  }
}
