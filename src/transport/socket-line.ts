import type { RefusalData } from './auth.exceptions.js';

/** What a socket is told that is refused or closed; the same body as an `exception` of Nest's gateways. */
export type SocketRefusal = RefusalData & { readonly status: 'error' };

/** The part of a socket of socket.io that is used here. */
interface SocketIoClient {
  readonly handshake: unknown;
  on?(event: string, listener: (...args: unknown[]) => void): unknown;
  emit?(event: string, data: unknown): unknown;
  disconnect?(close: boolean): unknown;
}

/** The part of a socket of `ws`, and of others with the interface of browsers, that is used here. */
interface WsClient {
  on?(event: string, listener: (data: unknown) => void): unknown;
  send?(text: string): unknown;
  close?(code: number, reason: string): unknown;
}

/** Both copies of the library find the same line on a socket. */
const LINE = Symbol.for('keyturn:socket-line');

/** `auth` is a message of ours only when it carries a token; a host may have an event of that name. */
const tokenIn = (body: unknown): string | undefined => {
  const token = (body as { access_token?: unknown } | null)?.access_token;
  return typeof token === 'string' && token !== '' ? token : undefined;
};

/** One socket of socket.io or of `ws`, as something that carries a token, can be told why it is refused, and ends. */
export class SocketLine {
  private tokenListener?: (token: string) => void;

  private constructor(private readonly client: SocketIoClient | WsClient) {}

  static of(client: object): SocketLine {
    const bearer = client as { [LINE]?: SocketLine };
    return (bearer[LINE] ??= new SocketLine(client));
  }

  /** Whether the client can still send its token: socket.io has sent it with the handshake, or has none. */
  get tokenMayCome(): boolean {
    return !isSocketIo(this.client);
  }

  /**
   * Calls for each token that the client sends while it is open: the event `auth` of socket.io, or a message
   * `{ "type": "auth", "access_token": "…" }` of `ws`. The last listener counts.
   */
  onToken(listener: (token: string) => void): void {
    const isFirst = this.tokenListener === undefined;
    this.tokenListener = listener;
    if (!isFirst) return;
    const take = (body: unknown): void => {
      const token = tokenIn(body);
      if (token !== undefined) this.tokenListener!(token);
    };
    if (isSocketIo(this.client)) this.client.on?.('auth', take);
    else this.client.on?.('message', (data) => take(authMessage(data)));
  }

  /** Calls once when the socket is closed, by either side. */
  onClose(listener: () => void): void {
    this.client.on?.(isSocketIo(this.client) ? 'disconnect' : 'close', listener);
  }

  send(event: string, data: unknown): void {
    if (isSocketIo(this.client)) this.client.emit?.(event, data);
    else this.client.send?.(JSON.stringify({ event, data }));
  }

  /**
   * Tells the client why, and closes. A `ws` client sees the code as the reason of the close, and 4000 and the HTTP
   * status as its number, such as 4401; a client of socket.io gets the event `exception` before it is disconnected.
   */
  end(refusal: SocketRefusal, httpStatus: number): void {
    this.send('exception', refusal);
    if (isSocketIo(this.client)) this.client.disconnect?.(true);
    else this.client.close?.(4000 + httpStatus, refusal.code);
  }
}

const isSocketIo = (client: SocketIoClient | WsClient): client is SocketIoClient => 'handshake' in client;

/** A first message is short; what is longer is the host's own, and is not parsed twice. */
const LONGEST_AUTH_MESSAGE = 10_000;

function authMessage(data: unknown): unknown {
  const text = Buffer.isBuffer(data) || typeof data === 'string' ? data : '';
  if (text.length === 0 || text.length > LONGEST_AUTH_MESSAGE || !text.includes('access_token')) return undefined;
  try {
    const message: unknown = JSON.parse(text.toString());
    return (message as { type?: unknown } | null)?.type === 'auth' ? message : undefined;
  } catch {
    return undefined;
  }
}
