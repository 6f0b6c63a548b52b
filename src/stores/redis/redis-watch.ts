import { Logger } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { FirstTry } from './redis-first-try.js';
import { redisFault, redisFaultKind, type RedisFaultKind } from './redis-errors.js';
import { mendAsking, mendSockets, wasReached } from './redis-sockets.js';
import type { RedisClient } from './redis-connection-options.js';

/** Why there is no connection. */
export interface RedisTrouble {
  readonly kind: RedisFaultKind;
  /** `host:port`, or the list of Sentinels or nodes. */
  readonly address: string;
  /** Reason and address in words, for an operator. */
  readonly fault: string;
}

interface RedisClientError {
  readonly message?: string;
  readonly lastNodeError?: unknown;
  /** Of a reply: what it answers. */
  readonly command?: { readonly name: string };
}

export interface RedisWatchOptions {
  /** The address to tell where an error names none. */
  readonly where: string;
  /** What an outage means, for the log. Undefined: nothing is logged, since another connection tells it. */
  readonly consequence?: string;
  /** Asks one server why it cannot be used, where the client library keeps the reason to itself. */
  readonly probe?: () => Redis;
}

/** How long a server that came back, or comes up late, may wait to be found. */
const LONGEST_RETRY_DELAY = 250;
export const retryDelay = (times: number): number => Math.min(50 * 2 ** Math.min(times, 10), LONGEST_RETRY_DELAY);

/** So often in a row a client may end without having tried to connect; then a new process is more likely to help. */
const MOST_ENDS = 5;
/** A reason that comes again within one outage is logged again after this time, milliseconds. */
const TOLD_AGAIN_AFTER = 60_000;
/** An error of one node of a cluster says nothing of the present any more after this time, milliseconds. */
const NODE_TROUBLE = 5_000;

const watches = new WeakMap<RedisClient, RedisWatch>();

/** The watch over a client of our own; undefined for a client of the host's. */
export const watchOf = (client: RedisClient | null): RedisWatch | undefined =>
  client ? watches.get(client) : undefined;

/**
 * Watches one client: brings it back when it has ended though nobody here closed it, knows why there is no connection,
 * and logs each reason of an outage and its end.
 *
 * ioredis ends a client for good, without a further try, when its Sentinels announce a new master while it is asking
 * for the old one (6.0.0: the failover detector of the former connection ends the look-up of the next one), and when
 * someone calls `disconnect()` or `quit()`.
 */
export class RedisWatch {
  readonly firstTry: FirstTry;
  private readonly logger = new Logger('Redis');
  private readonly told = new Map<string, number>();
  private current: (RedisTrouble & { readonly at: number }) | null = null;
  private closed = false;
  private ends = 0;
  private attemptFailed = false;
  private inOtherDatabase = false;
  private wasReady = false;
  private timer?: NodeJS.Timeout;
  private probing?: Redis;

  constructor(
    private readonly client: RedisClient,
    private readonly options: RedisWatchOptions,
  ) {
    watches.set(client, this);
    this.firstTry = new FirstTry(client);
    if (!client.isCluster) mendSockets(client as Redis);
    client.on('error', (error: unknown) => this.note(error));
    client.on('sentinelError', (error: unknown) => this.note(error));
    client.on('node error', (error: unknown, node: string) => this.note(error, node));
    client.on('+node', (node: Redis) => this.prepare(node));
    client.on('connecting', () => this.begin());
    client.on('ready', () => this.ready());
    client.on('close', () => this.lost());
    client.on('end', () => this.ended());
  }

  /** Null while there is a connection. */
  get trouble(): RedisTrouble | null {
    const isPast = this.client.status === 'ready' && performance.now() - (this.current?.at ?? 0) > NODE_TROUBLE;
    return isPast ? null : this.current;
  }

  /** Whether the client has ended and {@link MOST_ENDS} further ones could not even be created. */
  get isLost(): boolean {
    return this.ends > MOST_ENDS;
  }

  /** Our own close: the client does not come back. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.probing?.disconnect();
    this.client.disconnect();
  }

  private begin(): void {
    this.attemptFailed = false;
    this.inOtherDatabase = false;
  }

  private ready(): void {
    if (this.inOtherDatabase) return;
    this.ends = 0;
    this.wasReady = true;
    this.current = null;
    if (this.told.size > 0 && this.options.consequence !== undefined) this.logger.log('Redis is back.');
    this.told.clear();
  }

  /** A connection was tried, so making clients works. Without an error the server itself has hung up. */
  private lost(): void {
    this.ends = 0;
    if (!this.attemptFailed && !this.wasReady && !this.closed && !this.options.probe) this.keep('hangup');
    this.wasReady = false;
  }

  private ended(): void {
    if (this.closed) return;
    this.ends += 1;
    this.timer = setTimeout(() => void this.client.connect().catch(() => undefined), retryDelay(this.ends));
    this.timer.unref();
  }

  private note(error: unknown, node?: string): void {
    // What follows our own end of a connection is no reason of its own.
    if (this.closed || this.inOtherDatabase) return;
    this.attemptFailed = true;
    const { message = '', lastNodeError, command } = error as RedisClientError;
    if (command?.name === 'select') return this.leaveDatabase(error);
    if (/unknown command.*info/i.test(message)) return this.doWithoutInfo();
    const cause = lastNodeError ?? error;
    const kind = this.kindOf(cause);
    if (kind === 'connection' && this.options.probe) return this.ask(this.options.probe);
    // What only says that there is no connection must not hide the reason that is known.
    if (kind !== 'connection' || this.current === null) this.keep(kind, cause, node);
  }

  /** ioredis goes on in database 0 where it may not have that of the URL (6.0.0): in another application's, perhaps. */
  private leaveDatabase(error: unknown): void {
    const kind = redisFaultKind(error);
    this.inOtherDatabase = true;
    this.keep(['command', 'other'].includes(kind) ? 'database' : kind, error);
    // Takes no further command, and tries again.
    (this.client as Redis).disconnect(true);
  }

  /** Some reasons only show in how far a connection came. */
  private kindOf(error: unknown): RedisFaultKind {
    const kind = redisFaultKind(error);
    const { status, options, isCluster } = this.client as Redis;
    if (kind === 'connection' && status === 'connect') return 'hangup';
    if (kind === 'unreachable' && !isCluster && options.tls && wasReached(this.client as Redis)) return 'tls';
    return kind;
  }

  private keep(kind: RedisFaultKind, error?: unknown, node?: string): void {
    const address = addressIn(error) ?? node ?? this.options.where;
    const fault = redisFault(kind, address, error);
    this.current = { kind, address, fault, at: performance.now() };
    // A connection that breaks is made again at once; if it cannot be, that is what is worth a line.
    if (this.client.status !== 'ready' || node !== undefined) this.tell(`${kind} ${address}`, fault);
  }

  private tell(reason: string, fault: string): void {
    const now = performance.now();
    if (now - (this.told.get(reason) ?? -Infinity) < TOLD_AGAIN_AFTER) return;
    this.told.set(reason, now);
    if (this.options.consequence !== undefined) this.logger.error(`${fault} ${this.options.consequence}`);
  }

  private ask(probe: () => Redis): void {
    if (this.probing) return;
    let reason: unknown;
    this.probing = probe();
    mendSockets(this.probing);
    const { host, port } = this.probing.options;
    this.probing.on('error', (error: unknown) => (reason ??= error));
    this.probing.once('ready', () => this.probing?.disconnect());
    this.probing.once('end', () => {
      this.probing = undefined;
      if (!this.closed && this.client.status !== 'ready') {
        this.keep(reason ? redisFaultKind(reason) : 'connection', reason, `${host}:${port}`);
      }
    });
    this.probing.connect().catch(() => undefined);
  }

  /** INFO tells whether a server is loading its data; where it has another name, LOADING in the answers tells it. */
  private doWithoutInfo(): void {
    const { options } = this.client;
    const checked = 'redisOptions' in options ? options.redisOptions : (options as Redis['options']);
    if (!checked || checked.enableReadyCheck === false) return;
    checked.enableReadyCheck = false;
    this.logger.warn('Redis does not know the command INFO, which tells whether it is loading its data: used without.');
  }

  private prepare(node: Redis): void {
    mendSockets(node);
    mendAsking(node);
    const { options } = this.client;
    if ('redisOptions' in options && options.redisOptions?.enableReadyCheck === false) {
      node.options.enableReadyCheck = false;
    }
  }
}

/** Errors of the system name the address that was tried; with several addresses, each of them. */
function addressIn(error: unknown): string | undefined {
  const { errors } = (error ?? {}) as { errors?: readonly unknown[] };
  const { address, port } = (errors?.[0] ?? error ?? {}) as { address?: unknown; port?: unknown };
  if (typeof address !== 'string' || typeof port !== 'number') return undefined;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
