import { once } from 'node:events';
import { io, type Socket } from 'socket.io-client';
import { WebSocket } from 'ws';

/** One socket of either library, as a story uses it: the same words for both. */
export interface TestSocket {
  /** All that came, in order: the event and its data. */
  readonly got: [event: string, data: unknown][];
  /** Why it was closed; of socket.io the code of the last `exception`, as a close of its own has no reason. */
  readonly closed: Promise<string>;
  readonly isOpen: () => boolean;
  send(event: string, data?: unknown): void;
  /** The data of the next event of this name. */
  next(event: string): Promise<Record<string, unknown>>;
  /** A message of its own form that gives a token. */
  auth(token: string): void;
  close(): void;
}

export interface Handshake {
  readonly token?: string;
  readonly headers?: Record<string, string>;
  readonly protocols?: string[];
}

class Inbox {
  readonly got: [string, unknown][] = [];
  private readonly waiting: [string, (data: Record<string, unknown>) => void][] = [];

  take(event: string, data: unknown): void {
    this.got.push([event, data]);
    const index = this.waiting.findIndex(([name]) => name === event);
    if (index >= 0) this.waiting.splice(index, 1)[0]![1](data as Record<string, unknown>);
  }

  next(event: string): Promise<Record<string, unknown>> {
    return new Promise((resolve) => this.waiting.push([event, resolve]));
  }
}

const codeOf = (inbox: Inbox): string => {
  const exceptions = inbox.got.filter(([event]) => event === 'exception');
  return String((exceptions.at(-1)?.[1] as { code?: string } | undefined)?.code);
};

export async function openSocketIo(url: string, { token, headers }: Handshake = {}): Promise<TestSocket> {
  const socket: Socket = io(url, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    ...(token !== undefined && { auth: { token } }),
    ...(headers && { extraHeaders: headers }),
  });
  const inbox = new Inbox();
  socket.onAny((event: string, data: unknown) => inbox.take(event, data));
  const closed = new Promise<string>((resolve) => socket.once('disconnect', () => resolve(codeOf(inbox))));
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject));
  return {
    got: inbox.got,
    closed,
    isOpen: () => socket.connected,
    send: (event, data) => void socket.emit(event, data),
    next: (event) => inbox.next(event),
    auth: (fresh) => void socket.emit('auth', { access_token: fresh }),
    close: () => void socket.close(),
  };
}

export async function openWs(url: string, { token, headers, protocols = [] }: Handshake = {}): Promise<TestSocket> {
  const socket = new WebSocket(url.replace('http', 'ws'), protocols, headers && { headers });
  const inbox = new Inbox();
  socket.on('message', (text: Buffer) => {
    const { event, data } = JSON.parse(text.toString()) as { event: string; data: unknown };
    inbox.take(event, data);
  });
  const closed = once(socket, 'close').then(([code, reason]) => `${String(code)} ${String(reason)}`);
  await once(socket, 'open');
  const auth = (fresh: string): void => socket.send(JSON.stringify({ type: 'auth', access_token: fresh }));
  if (token !== undefined) auth(token);
  return {
    got: inbox.got,
    closed,
    isOpen: () => socket.readyState === WebSocket.OPEN,
    send: (event, data) => socket.send(JSON.stringify({ event, data })),
    next: (event) => inbox.next(event),
    auth,
    close: () => socket.terminate(),
  };
}
