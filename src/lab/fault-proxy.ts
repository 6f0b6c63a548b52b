import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A request as the proxy saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What went over the line: `status` is missing where the client got no answer. */
export interface Exchange extends SeenRequest {
  status?: number;
  /** What the server said, also where the client did not get it. */
  answer?: string;
}

/**
 * What happens to a request.
 * - `lose-request`: the server never sees it; the connection ends.
 * - `lose-answer`: the server answers, the client does not get it.
 * - `double`: the server gets it twice, at the same time; the client gets the first answer.
 * - `late`: the answer comes after so many milliseconds.
 * - `hold`: the answer comes when `release` is settled.
 * - `answer`: the proxy answers in place of the server.
 */
export type Fault =
  | { readonly kind: 'lose-request' | 'lose-answer' | 'double' }
  | { readonly kind: 'late'; readonly ms: number }
  | { readonly kind: 'hold'; readonly release: Promise<unknown> }
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
      /** The answer waits for this. */
      readonly after?: Promise<unknown>;
    };

/** An answer of the server, before the client gets it. */
export interface ServerAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A proxy on loopback that does to each request what it is told, and writes down what it saw. */
export class FaultProxy {
  readonly exchanges: Exchange[] = [];
  /** Decides for each request; undefined: it goes through. */
  fault: (request: SeenRequest) => Fault | undefined = () => undefined;
  /** Changes the answers of the server on their way. */
  alter: (request: SeenRequest, answer: ServerAnswer) => ServerAnswer = (_, answer) => answer;
  /** Changes requests on their way to the server. */
  onward: (request: SeenRequest) => SeenRequest = (request) => request;
  private readonly server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = 'GET', url: path = '/', headers } = request;
      const exchange = { method, path, headers, body: Buffer.concat(chunks).toString(), at: Date.now() };
      this.exchanges.push(exchange);
      this.pass(exchange, response).catch(() => response.destroy());
    });
    request.on('error', () => response.destroy());
  });

  /** @param target of the server, such as `http://127.0.0.1:3000`, with a path where it has one, and no slash at its end */
  constructor(private readonly target: string) {}

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async start(port = 0): Promise<this> {
    await once(this.server.listen(port, '127.0.0.1'), 'listening');
    return this;
  }

  /** Exchanges with a path, oldest first. */
  seen(path: string): Exchange[] {
    return this.exchanges.filter((exchange) => exchange.path.split('?')[0] === path);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async pass(exchange: Exchange, response: ServerResponse): Promise<void> {
    const fault = this.fault(exchange);
    if (fault?.kind === 'lose-request') return void response.destroy();
    if (fault?.kind === 'answer') {
      await fault.after;
      exchange.status = fault.status;
      exchange.answer = fault.body;
      const headers = { 'content-type': 'application/json', ...allowing(exchange), ...fault.headers };
      return void response.writeHead(fault.status, headers).end(fault.body);
    }
    const [answer] = await Promise.all([this.ask(exchange), fault?.kind === 'double' ? this.ask(exchange) : undefined]);
    exchange.answer = answer.body.toString();
    if (fault?.kind === 'lose-answer') return void response.destroy();
    if (fault?.kind === 'late') await sleep(fault.ms);
    if (fault?.kind === 'hold') await fault.release;
    const { status, headers, body } = this.alter(exchange, answer);
    exchange.status = status;
    response.writeHead(status, headers).end(body);
  }

  private async ask(request: SeenRequest): Promise<ServerAnswer> {
    const { method, path, headers, body } = this.onward(request);
    const onward = httpRequest(this.target + path, { method, headers, agent: false });
    onward.end(body);
    const [answer] = (await once(onward, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    return { status: answer.statusCode!, headers: answer.headers, body: Buffer.concat(chunks) };
  }
}

/** Pages of other origins can read what the proxy answers by itself. */
const allowing = ({ headers }: SeenRequest): Record<string, string> =>
  headers.origin === undefined
    ? {}
    : {
        'access-control-allow-origin': headers.origin,
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': 'Retry-After, WWW-Authenticate',
      };
