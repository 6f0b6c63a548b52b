import { Inject, Injectable } from '@nestjs/common';
import { AUTH_POLICY } from '../auth.constants.js';
import { AuthError } from '../auth.errors.js';
import type { AuthPolicy } from '../options/options.js';
import type { AccessTokenClaims } from '../tokens/claims-rules.js';
import { statusOf } from '../transport/auth.exceptions.js';
import { errorMessage } from '../transport/error-translator.js';
import { noteToken } from '../transport/request-context.js';
import { SocketLine, type SocketRefusal } from '../transport/socket-line.js';
import { OpenStreams, type OpenStream } from './open-streams.js';

/** Ties sockets to the sessions of their tokens: a socket is closed when its session ends or its token expires. */
@Injectable()
export class BoundSockets {
  private readonly bound = new WeakSet<object>();

  constructor(
    @Inject(AUTH_POLICY) private readonly policy: AuthPolicy,
    @Inject(OpenStreams) private readonly streams: OpenStreams,
  ) {}

  /** Once for each socket, by the first message or handshake that the guard lets in. */
  bind(client: object, claims: AccessTokenClaims, asksFresh: boolean): void {
    if (this.bound.has(client)) return;
    this.bound.add(client);
    const line = SocketLine.of(client);
    const stream = this.streams.of(client, claims, (forget) => line.onClose(forget), asksFresh);
    const close = (): void => this.close(client, errorMessage(stream.signal.reason as AuthError));
    if (stream.signal.aborted) return close();
    stream.signal.addEventListener('abort', close);
    line.onToken((token) => void this.refresh(client, stream, token));
  }

  /** Tells a socket why, and closes it. */
  close(client: object, refusal: SocketRefusal): void {
    SocketLine.of(client).end(refusal, statusOf(refusal.code, this.policy.errorCodes));
  }

  private async refresh(client: object, stream: OpenStream, token: string): Promise<void> {
    const line = SocketLine.of(client);
    try {
      const claims = await stream.refresh(token);
      noteToken(client, token);
      line.send('auth', { expires_at: claims.exp });
    } catch (error) {
      // What is no error of ours must not end the process from a listener.
      const refusal = error instanceof AuthError ? error : new AuthError('internal_error', 'The token was not read.');
      line.send('exception', errorMessage(refusal));
    }
  }
}
