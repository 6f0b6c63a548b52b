import type { RedisClient } from './redis-connection-options.js';

/**
 * The first try of a client to connect. It begins when somebody needs it, and not when the client is made: a connection
 * keeps the process alive, and nobody would close it where the start of the application fails between the two.
 */
export class FirstTry {
  private outcome?: Promise<void>;
  private end?: () => void;
  private isOver = false;

  /** @param client not connected yet: made with `lazyConnect` */
  constructor(private readonly client: RedisClient) {
    for (const event of ['ready', 'error', 'close', 'end']) client.once(event, () => this.over());
  }

  /** Begins it. The promise ends with the try, however that ends; it is undefined when the try is over. */
  begin(): Promise<void> | undefined {
    if (this.isOver) return undefined;
    this.outcome ??= new Promise((resolve) => {
      this.end = resolve;
      if (this.client.status === 'wait') this.client.connect().catch(() => undefined);
    });
    return this.outcome;
  }

  private over(): void {
    this.isOver = true;
    this.end?.();
  }
}
