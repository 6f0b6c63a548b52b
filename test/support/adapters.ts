import { request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import type { INestApplication, ModuleMetadata, Provider } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { AuthClock } from '../../src/index.js';
import type { TestClock } from '../../src/testing/index.js';
import { registered } from './registry.js';

/** Every story is told on both: they differ in headers, in what is sent when, and in what a request knows of itself. */
export const ADAPTERS = ['express', 'fastify'] as const;
export type AdapterName = (typeof ADAPTERS)[number];

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  json<T = Record<string, unknown>>(): T;
}

export interface AnswerRequest {
  /** A bearer token. */
  readonly token?: string;
  /** A list is sent as that many header lines, which fetch cannot do. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: unknown;
  /** A form, already encoded. */
  readonly form?: string;
}

export interface RunningApp {
  readonly app: INestApplication;
  /** @param call such as `GET /cart` */
  ask(call: string, request?: AnswerRequest): Promise<Answer>;
  close(): Promise<void>;
}

export interface AppSetup {
  /** Providers beside those of the metadata. */
  readonly providers?: Provider[];
  /** Passed to the library in place of the machine's clock. */
  readonly clock?: TestClock;
  readonly override?: (builder: TestingModuleBuilder) => TestingModuleBuilder;
  readonly configure?: (app: INestApplication) => unknown;
}

/** A small Nest application, listening on a free port of this machine. */
export const startApp = (adapter: AdapterName, metadata: ModuleMetadata, setup: AppSetup = {}): Promise<RunningApp> =>
  registered(start(adapter, metadata, setup), 'close');

async function start(
  adapter: AdapterName,
  metadata: ModuleMetadata,
  { clock, override, configure, providers = [] }: AppSetup,
): Promise<RunningApp> {
  const builder = Test.createTestingModule({ ...metadata, providers: [...(metadata.providers ?? []), ...providers] });
  if (clock) builder.overrideProvider(AuthClock).useValue(clock.authClock);
  const module = await (override?.(builder) ?? builder).compile();
  const app = module.createNestApplication(adapter === 'express' ? new ExpressAdapter() : new FastifyAdapter(), {
    logger: false,
  });
  configure?.(app);
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  return { app, ask: (call, request) => ask(url, call, request), close: () => app.close() };
}

async function ask(base: string, call: string, { token, headers, body, form }: AnswerRequest = {}): Promise<Answer> {
  const [method, path] = call.split(' ') as [string, string];
  const content = body === undefined ? form : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      new URL(path, base),
      {
        method,
        // No kept connections: closing the application must not wait for one.
        agent: false,
        headers: {
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(headers as OutgoingHttpHeaders),
        },
      },
      (response) => {
        text(response).then(
          (content) =>
            resolve({
              status: response.statusCode!,
              headers: response.headers,
              text: content,
              json: <T>() => JSON.parse(content) as T,
            }),
          reject,
        );
      },
    );
    request.on('error', reject).end(content);
  });
}

/** What is written in a part of a token, unverified. */
export const readToken = (token: string, part: 0 | 1 = 1): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[part]!, 'base64url').toString()) as Record<string, unknown>;
