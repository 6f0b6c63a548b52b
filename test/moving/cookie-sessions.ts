import { hash } from 'node:crypto';
import type { INestApplication } from '@nestjs/common';
import { AuthError, LegacyTokens, requestInfoOf, TokenResponder, type IncomingRequest } from 'keyturn';

type Request = IncomingRequest & { method: string; headers: { authorization?: string } };
type Next = (error?: unknown) => void;

interface FormerCookies {
  /** The id of the live session that a request's cookie names, if somebody is logged in by it. */
  sessionOf(request: Request): Promise<string | undefined> | string | undefined;
  /** Takes the former cookie out of the browser. */
  clear(response: object): void;
}

/**
 * Moves who comes with a session cookie of the former login, in the answer to whatever was asked. Behind the middleware of
 * the former login: `app.use(moveSessions(app, former))`.
 */
export function moveSessions(app: INestApplication, former: FormerCookies) {
  const [tokens, responder] = [app.get(LegacyTokens), app.get(TokenResponder)];

  async function move(request: Request, response: object): Promise<void> {
    // Who has cookies of Keyturn, or a token, is not asked for the former cookie.
    if (/access_token=/.test(String(request.headers.cookie)) || request.headers.authorization) return;
    const session = await former.sessionOf(request);
    if (session === undefined) return;
    if (!['GET', 'HEAD'].includes(request.method)) responder.refuseForeignLogin(request, 'web');
    // The cookie comes again when an answer is lost, also a day later.
    const idempotencyKey = hash('sha256', session, 'base64url');
    const grant = await tokens.refresh(session, { idempotencyKey, ...requestInfoOf(request) });
    if (grant) {
      responder.respond(response, grant);
      former.clear(response);
    }
    request.headers.authorization = `Bearer ${grant?.accessToken ?? session}`;
  }

  return async (request: Request, response: object, next: Next): Promise<void> => {
    let fault: unknown;
    try {
      await move(request, response);
    } catch (error) {
      // It was logged out, or redeemed and used: the request goes on without a login.
      const isOver = error instanceof AuthError && error.getStatus() === 401;
      if (isOver) former.clear(response);
      else fault = error;
    }
    next(fault);
  };
}
