import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AuthConfigError } from '../../index.js';
import { Worlds } from './demo/worlds.js';
import type { World } from './demo/world.js';
import { refusalOf } from './local-access.js';
import { playgroundFiles, type ServedFile } from './playground-page.js';
import { DEFAULT_POLICY, policyFigures } from './policy-figures.js';
import { ACTORS, type ActorId, type WorldPolicy } from '../../pages/playground/world.types.js';

/** Below which everything but the page itself is. */
const BASE = '/playground';

export interface PlaygroundOptions {
  /** The file of the page's script. */
  readonly script: string;
  /** Where the session routes of the service are, for the tab "your service". */
  readonly routesPath: string;
}

/** Nothing inline, nothing from elsewhere, in no frame, and no window that opened it keeps a handle on it. */
const OF_PLAYGROUND = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Frame-Options': 'DENY',
  // A browser silently sends a request again where a kept connection is cut: then no answer could be lost.
  Connection: 'close',
};

/**
 * The playground: its page at `/`, and below `/playground` the demo that it plays with. For development only: nobody
 * may import this file in production.
 */
export function addPlayground(fastify: FastifyInstance, { script, routesPath }: PlaygroundOptions): void {
  const files = playgroundFiles(script, routesPath);
  const worlds = new Worlds();
  fastify.addHook('onClose', () => worlds.close());
  void fastify.register((scope, _options, done) => {
    scope.addHook('onRequest', async (request, reply) => {
      void reply.headers(OF_PLAYGROUND);
      const isPage = request.routeOptions.url === '/';
      const refusal = refusalOf({ method: request.method, headers: request.headers, isPage });
      if (refusal !== undefined) await refuse(reply, 403, 'forbidden', refusal);
    });
    for (const [path, file] of files) scope.get(path, (request, reply) => serve(file, request, reply));
    addWorlds(scope, worlds);
    done();
  });
}

type ToWorld = FastifyRequest<{ Params: { readonly world: string; readonly actor: string } }>;

function addWorlds(scope: FastifyInstance, worlds: Worlds): void {
  scope.get(`${BASE}/policy`, (request) => policyFigures(policyIn(request.query)));

  scope.post(`${BASE}/worlds`, async (request, reply) => {
    const { now, policy } = fieldsOf(request);
    const world = await worlds.add({
      now: typeof now === 'number' && Number.isSafeInteger(now) && now > 0 ? now : Date.now(),
      policy: policyIn(policy),
      origin: `http://${request.headers.host}`,
    });
    return reply.status(201).send(await world.state());
  });

  const path = `${BASE}/worlds/:world`;
  const inWorld =
    (act: (world: World, request: ToWorld) => unknown) =>
    async (request: ToWorld, reply: FastifyReply): Promise<unknown> => {
      const world = worlds.get(request.params.world);
      if (!world) return refuse(reply, 404, 'not_found', NO_WORLD);
      await act(world, request);
      return world.state(Number((request.query as { since?: string }).since ?? 0) || 0);
    };
  scope.get(
    path,
    inWorld(() => undefined),
  );
  scope.post(
    `${path}/clock`,
    inWorld((world, request) => world.advance(String(fieldsOf(request).advance))),
  );
  scope.post(
    `${path}/faults`,
    inWorld((world, request) => world.loseAnswers(fieldsOf(request).lose === true)),
  );
  scope.post(`${path}/thefts`, async (request: ToWorld, reply) => {
    const world = worlds.get(request.params.world);
    if (!world) return refuse(reply, 404, 'not_found', NO_WORLD);
    const token = world.steal(String(fieldsOf(request).sid));
    return token === undefined
      ? refuse(reply, 404, 'not_found', 'No refresh token of that session was handed out.')
      : { refresh_token: token };
  });
  scope.all(`${path}/:actor/*`, {
    // Before the body is read: the demo's own server reads it.
    onRequest: async (request, reply) => {
      const { world: id, actor } = request.params as { world: string; actor: string };
      const world = worlds.get(id);
      if (!world || !isActor(actor)) return refuse(reply, 404, 'not_found', NO_WORLD);
      reply.hijack();
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) reply.raw.setHeader(name, value);
      }
      const raw: IncomingMessage = request.raw;
      world.deliver(actor, raw.url!.slice(`${BASE}/worlds/${id}/${actor}`.length), raw, reply.raw);
    },
    handler: () => undefined,
  });
  scope.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const isGiven = error instanceof AuthConfigError || (error.statusCode ?? 500) < 500;
    const status = isGiven ? ((error as { statusCode?: number }).statusCode ?? 400) : 500;
    return refuse(reply, status, isGiven ? 'invalid_request' : 'internal_error', isGiven ? error.message : FAULT);
  });
}

const NO_WORLD = 'There is no such world any more. Start again.';
const FAULT = 'Something went wrong in the playground.';

const isActor = (name: string): name is ActorId => (ACTORS as readonly string[]).includes(name);

const fieldsOf = ({ body }: FastifyRequest): Record<string, unknown> =>
  typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};

/** What is not given is as by default; the library itself refuses what cannot be. */
function policyIn(given: unknown): WorldPolicy {
  const values = typeof given === 'object' && given !== null ? (given as Record<string, unknown>) : {};
  const names = Object.keys(DEFAULT_POLICY) as (keyof WorldPolicy)[];
  const told = names.flatMap((name) => (typeof values[name] === 'string' ? [[name, values[name]]] : []));
  return { ...DEFAULT_POLICY, ...(Object.fromEntries(told) as Partial<WorldPolicy>) };
}

const refuse = async (reply: FastifyReply, status: number, code: string, message: string): Promise<FastifyReply> =>
  reply.status(status).send({ statusCode: status, code, message });

function serve({ type, etag, body }: ServedFile, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  void reply.headers({ 'Content-Type': type, ETag: etag, 'Cache-Control': 'no-cache' });
  return request.headers['if-none-match'] === etag ? reply.status(304).send() : reply.send(body);
}
