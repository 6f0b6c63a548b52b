import { Inject, Injectable, Logger, type ExecutionContext, type Type } from '@nestjs/common';
import { AuthError } from '../auth.errors.js';
import { BoundSockets } from '../streams/bound-sockets.js';
import { sessionOf, type AuthSession } from '../streams/auth-session.js';
import { OpenStreams } from '../streams/open-streams.js';
import { errorMessage } from '../transport/error-translator.js';
import { noteHandshake, noteToken, type IncomingRequest } from '../transport/request-context.js';
import { SocketLine, type SocketRefusal } from '../transport/socket-line.js';
import { JwtAuthGuard } from './jwt-auth.guard.js';

/** How long a socket without a token may take to send one. Milliseconds. */
const FIRST_MESSAGE_WITHIN = 10_000;

const NO_TOKEN =
  'Send an access token with the handshake, or in a first message { "type": "auth", "access_token": "…" }.';

/**
 * Lets sockets in when they connect, where Nest runs no guard. {@link JwtAuthGuard} decides, by the decorators of the
 * gateway and of its `handleConnection()`; a socket that is refused is told why and closed, and one that is let in is
 * closed when its session ends, on whatever instance that was, or when its token expires.
 */
@Injectable()
export class SocketSessions {
  private readonly logger = new Logger('Keyturn');

  constructor(
    @Inject(JwtAuthGuard) private readonly guard: JwtAuthGuard,
    @Inject(BoundSockets) private readonly sockets: BoundSockets,
    @Inject(OpenStreams) private readonly streams: OpenStreams,
  ) {}

  /**
   * To be called first in `handleConnection()`. The token is read from socket.io's `auth`, the headers or the cookie of
   * the handshake, the sub-protocol after `bearer`, or with `ws` a first message `{ "type": "auth", "access_token" }`,
   * for which it waits 10 s.
   *
   * @param gateway `this`
   * @param upgrade of `ws`, the second argument of `handleConnection()`
   * @returns the session; undefined if the socket was refused and closed, or where the gateway lets in anonymous callers
   * @example
   * ```ts
   * async handleConnection(client: WebSocket, request: IncomingMessage) {
   *   const session = await this.sockets.admit(this, client, request);
   *   if (session) this.rooms.join(session.sub, client);
   * }
   * ```
   */
  async admit(gateway: object, client: object, upgrade?: IncomingRequest): Promise<AuthSession | undefined> {
    const context = connectionContext(gateway, client);
    if (upgrade) noteHandshake(client, upgrade);
    try {
      if (SocketLine.of(client).tokenMayCome && this.guard.missesToken(context)) await this.firstToken(client);
      await this.guard.canActivate(context);
    } catch (error) {
      this.sockets.close(client, this.refusalOf(error));
      return undefined;
    }
    return sessionOf(context);
  }

  private firstToken(client: object): Promise<void> {
    const line = SocketLine.of(client);
    return new Promise<void>((resolve, reject) => {
      const refuse = (): void => reject(new AuthError('token_missing', NO_TOKEN));
      const takeBack = this.streams.after(FIRST_MESSAGE_WITHIN, refuse);
      line.onToken((token) => {
        takeBack();
        // At once: the next message may be here already, and its guard looks for the token.
        noteToken(client, token);
        resolve();
      });
      line.onClose(() => {
        takeBack();
        refuse();
      });
    });
  }

  /** Never thrown on: a rejection in `handleConnection()` would end the process. */
  private refusalOf(error: unknown): SocketRefusal {
    if (error instanceof AuthError) return errorMessage(error);
    const told = (error as { getError?: () => unknown }).getError?.() as Partial<SocketRefusal> | undefined;
    if (told?.code !== undefined) return told as SocketRefusal;
    this.logger.error('A socket could not be let in', error instanceof Error ? error.stack : String(error));
    return errorMessage(new AuthError('internal_error', 'The socket could not be let in.'));
  }
}

/** What a guard sees of a connection: its handler is the gateway's `handleConnection()`. */
function connectionContext(gateway: object, client: object): ExecutionContext {
  const { handleConnection = () => undefined } = gateway as { handleConnection?: () => unknown };
  const args: unknown[] = [client];
  const at = (index: number) => (): never => args[index] as never;
  return {
    getType: <Kind extends string>() => 'ws' as Kind,
    getClass: <T>() => gateway.constructor as Type<T>,
    getHandler: () => handleConnection,
    getArgs: () => args as never,
    getArgByIndex: (index) => at(index)(),
    switchToWs: () => ({ getClient: at(0), getData: at(1), getPattern: () => 'connection' }),
    switchToHttp: () => ({ getRequest: at(0), getResponse: at(1), getNext: at(2) }),
    switchToRpc: () => ({ getData: at(0), getContext: at(1) }),
  };
}
