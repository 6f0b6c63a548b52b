import type { ExecutionContext } from '@nestjs/common';

/** Typed by hand, since the types of `@nestjs/passport` need `@types/passport`, which a host need not have. */
export interface PassportGuard {
  canActivate(context: ExecutionContext): boolean | Promise<boolean>;
  getRequest(context: ExecutionContext): unknown;
  getResponse(context: ExecutionContext): unknown;
  getAuthenticateOptions(context: ExecutionContext): unknown;
  handleRequest(error: unknown, user: unknown, info: unknown, context: ExecutionContext, status?: unknown): unknown;
}

// `Symbol.for`, since the ESM and the CommonJS copy of the library may both be loaded in one process.
const PRESENTED = Symbol.for('keyturn:presented-token');

/** The token of a {@link PassportAttempt}; undefined for a request, which a guard of the host's own gives Passport. */
export const presentedToken = (request: object): string | undefined => (request as Partial<PassportAttempt>)[PRESENTED];

/**
 * What Passport gets in place of a message and its request. {@link end} lets go of both.
 *
 * Passport assigns functions to its strategy for each request. V8 makes such a function old from the start, and it keeps
 * what it can reach until the next full garbage collection. If that were the message, V8 would soon take what Nest makes
 * for each request for long-lived and make it old as well, also where the token is known and Passport is not asked.
 */
export class PassportAttempt {
  [PRESENTED]?: string;
  /** What the guard's handleRequest() has returned. */
  user: unknown = undefined;
  private message?: ExecutionContext;

  constructor(token: string, message: ExecutionContext) {
    this[PRESENTED] = token;
    this.message = message;
  }

  /** @throws Error after the end: Passport answers an attempt once */
  get context(): ExecutionContext {
    if (!this.message) throw new Error('Passport has answered an attempt that is over');
    return this.message;
  }

  end(): void {
    this[PRESENTED] = undefined;
    this.user = undefined;
    this.message = undefined;
  }
}

/** A guard as Passport sees it: Passport has the attempt, and the guard's own methods get the message. */
export class PassportSide {
  /** Read by Passport's guard; it holds what the guard itself was made with. */
  readonly options: unknown;

  constructor(private readonly guard: PassportGuard) {
    ({ options: this.options } = guard as { options?: unknown });
  }

  getRequest(attempt: PassportAttempt): PassportAttempt {
    return attempt;
  }

  /** Passport asks for a response everywhere, and needs none. */
  getResponse(): undefined {
    return undefined;
  }

  getAuthenticateOptions({ context }: PassportAttempt): unknown {
    return this.guard.getAuthenticateOptions(context);
  }

  handleRequest(error: unknown, user: unknown, info: unknown, attempt: PassportAttempt, status?: unknown): unknown {
    attempt.user = this.guard.handleRequest(error, user, info, attempt.context, status);
    return attempt.user;
  }
}
