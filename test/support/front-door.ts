import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Answerer = (request: IncomingMessage, response: ServerResponse) => void;

/** A real HTTP server in front of an auth service, or in its place: counts who knocks, and can be out. */
export interface FrontDoor {
  readonly url: string;
  /** Method and path of every request since the last look. */
  readonly seen: string[];
  /** What answers from now on. */
  answer(by: Answerer): void;
  /** Connections end without an answer. */
  shut(): void;
  close(): Promise<void>;
}

export async function openDoor(first: Answerer): Promise<FrontDoor> {
  let answerer: Answerer = first;
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    answerer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    answer: (by) => void (answerer = by),
    shut: () => void (answerer = (request) => request.socket.destroy()),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Sends every request on to a server, as it came. */
export const passTo =
  (url: string): Answerer =>
  (request, response) => {
    const { method, headers } = request;
    const onward = httpRequest(new URL(request.url!, url), { method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  };

/** Answers with JSON. */
export const giving =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Answerer =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

/** Sends away from a path, to another one where the answer would be good. */
export const movingFrom =
  (path: string, status: number, there: Answerer): Answerer =>
  (request, response) =>
    request.url === path ? void response.writeHead(status, { location: '/elsewhere' }).end() : there(request, response);
