import { ApiProperty, ApiSchema } from './swagger-metadata.js';
import type { EndedSessionView, SessionView } from '../routes/sessions.controller.js';
import type { ErrorBody } from '../transport/auth.exceptions.js';
import type { TokenAnswer } from '../transport/token-responder.js';

const Text = (description: string, more: Readonly<Record<string, unknown>> = {}): PropertyDecorator =>
  ApiProperty({ type: 'string', description, ...more });

const Seconds = (description: string, required = true): PropertyDecorator =>
  ApiProperty({ type: 'integer', description, required });

const MaybeText = (description: string): PropertyDecorator =>
  ApiProperty({ type: 'string', nullable: true, description });

/** The body of every error answer, as OpenAPI has it. */
@ApiSchema({ name: 'Error' })
export class ErrorAnswer implements ErrorBody {
  @ApiProperty({ type: 'integer', description: 'The HTTP status.' })
  readonly statusCode!: number;

  @Text('The HTTP status in words.')
  readonly error!: string;

  @Text('Stable; for programs.', { pattern: '^[a-z_]+$' })
  readonly code!: ErrorBody['code'];

  @Text('One sentence for people; may change.')
  readonly message!: string;

  @ApiProperty({ type: 'string', isArray: true, required: false, description: 'A sentence for each fault.' })
  readonly details!: string[];
}

/** The token answer (RFC 6749 section 5.1), as OpenAPI has it. */
@ApiSchema({ name: 'TokenAnswer' })
export class TokenAnswerBody implements Required<TokenAnswer> {
  @Text('JWT (RFC 9068) for the `Authorization: Bearer` header; absent where it is in a cookie.', { required: false })
  readonly access_token!: string;

  /** RFC 6749, section 7.1. */
  @ApiProperty({ type: 'string', enum: ['Bearer'] })
  readonly token_type!: 'Bearer';

  /** Seconds from now until the access token expires. */
  @Seconds('Life of the access token, seconds from now.')
  readonly expires_in!: number;

  /** Seconds from now after which the access token can be renewed; absent where it cannot. */
  @Seconds('Seconds from now after which the access token can be renewed; absent where it cannot.', false)
  readonly renew_after!: number;

  /** Good for one refresh; absent where it is in a cookie or where there is none. */
  @Text('Good for one refresh; keep it secret. Absent where it is in a cookie or where there is none.', {
    required: false,
  })
  readonly refresh_token!: string;

  /** Seconds from now until the session ends if it is not used. */
  @Seconds('Seconds from now until the session ends if it is not used.', false)
  readonly refresh_token_expires_in!: number;

  @Seconds('Seconds from now to the absolute end of the session.', false)
  readonly session_expires_in!: number;

  /** The session, the claim `sid`. */
  @Text('The session.')
  readonly session_id!: string;
}

/** What refresh and logout take, as OpenAPI has it. */
@ApiSchema({ name: 'RefreshToken' })
export class RefreshTokenRequest {
  @Text('The refresh token; left out where a cookie carries it.', { required: false })
  readonly refresh_token!: string;
}

/** What is told of every session, alive or ended. */
class KnownSession {
  @Text('The session.')
  readonly id!: string;

  @Text('The kind of client.')
  readonly client_id!: string;

  @MaybeText('As the client named it.')
  readonly device_name!: string | null;

  @MaybeText('As the client told it.')
  readonly user_agent!: string | null;

  @MaybeText('Where it was opened from.')
  readonly ip!: string | null;

  @Seconds('Seconds since the epoch.')
  readonly created_at!: number;

  @Seconds('Of the last refresh, seconds since the epoch.')
  readonly last_seen_at!: number;
}

/** What everybody who may see a session sees of it. */
export class SessionFields extends KnownSession implements Omit<SessionView, 'current'> {
  @Seconds('When it ends if it is not used again, seconds since the epoch.')
  readonly expires_at!: number;
}

@ApiSchema({ name: 'Session' })
export class SessionBody extends SessionFields implements SessionView {
  @ApiProperty({ type: 'boolean', description: 'Whether it is the one that asks.' })
  readonly current!: boolean;
}

@ApiSchema({ name: 'Sessions' })
export class SessionsBody {
  @ApiProperty({ type: SessionBody, isArray: true })
  readonly sessions!: SessionBody[];
}

@ApiSchema({ name: 'EndedSession' })
export class EndedSessionBody extends KnownSession implements EndedSessionView {
  @Seconds('Seconds since the epoch.')
  readonly ended_at!: number;

  @Text('The code that its tokens are refused with.')
  readonly reason!: EndedSessionView['reason'];

  @MaybeText('Finer than the reason, where more is known.')
  readonly cause!: EndedSessionView['cause'];

  @MaybeText('Where the request came from that ended it.')
  readonly ended_from!: string | null;
}

@ApiSchema({ name: 'EndedSessions' })
export class EndedSessionsBody {
  @ApiProperty({ type: EndedSessionBody, isArray: true })
  readonly sessions!: EndedSessionBody[];
}

@ApiSchema({ name: 'Jwks' })
export class JwksBody {
  @ApiProperty({ type: 'object', additionalProperties: true, isArray: true, description: 'Public keys (RFC 7517).' })
  readonly keys!: object[];
}
