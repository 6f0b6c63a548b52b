import { AsyncLocalStorage } from 'node:async_hooks';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AuthEvent } from '../../../index.js';
import type { ActorId, Decision, Exchange } from '../../../pages/playground/world.types.js';

/** Under which the world hands a request's actor to the demo's server. */
export const ACTOR_HEADER = 'playground-actor';
/** Set where the answer is going to be lost. */
export const LOST_HEADER = 'playground-lost';

const TOLD_HEADERS = ['authorization', 'idempotency-key'] as const;
/** Exchanges of one world; its oldest are forgotten beyond it. */
const MOST = 2000;

/** Writes down what goes in and out of the demo's server. Nothing of it reaches a log. */
export class ExchangeLog {
  private readonly exchanges: Exchange[] = [];
  /** How many were forgotten. */
  private forgotten = 0;
  private readonly current = new AsyncLocalStorage<Exchange>();

  constructor(private readonly now: () => number) {}

  /** Before the demo's routes are made. */
  watch(fastify: FastifyInstance): void {
    fastify.addHook('onRequest', (request, reply, done) => {
      void reply.header('Request-Id', request.id);
      done();
    });
    fastify.addHook('preHandler', (request, _reply, done) => {
      const exchange = this.begin(request);
      this.current.run(exchange, done);
    });
    fastify.addHook('onSend', async (request, reply, payload) => {
      const exchange = this.exchanges.find(({ id }) => id === request.id);
      if (!exchange) return;
      exchange.status = reply.statusCode;
      exchange.answer = typeof payload === 'string' && payload !== '' ? parsed(payload) : undefined;
    });
  }

  /** Those from the number on, where the first of all is 0. */
  since(number: number): Exchange[] {
    return this.exchanges.slice(Math.max(0, number - this.forgotten));
  }

  /** The row that decided the request under way. */
  decided(decision: Decision): void {
    const exchange = this.current.getStore();
    if (exchange) exchange.decision = decision;
  }

  happened({ requestId, ...event }: AuthEvent): void {
    const { type, ...details } = event;
    const told = Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined));
    this.exchanges.find(({ id }) => id === requestId)?.events.push({ type, ...told });
  }

  private begin({ id, method, url, headers, body }: FastifyRequest): Exchange {
    const exchange: Exchange = {
      id,
      actor: headers[ACTOR_HEADER] as ActorId,
      at: this.now(),
      method,
      path: url,
      headers: Object.fromEntries(
        TOLD_HEADERS.flatMap((name) => (headers[name] ? [[name, String(headers[name])]] : [])),
      ),
      body,
      status: 0,
      isLost: headers[LOST_HEADER] === 'yes',
      events: [],
    };
    if (this.exchanges.push(exchange) > MOST) {
      this.exchanges.shift();
      this.forgotten++;
    }
    return exchange;
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};
