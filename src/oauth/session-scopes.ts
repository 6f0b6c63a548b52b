import { Inject, Injectable } from '@nestjs/common';
import { Subjects } from '../sessions/subjects.js';
import { TokenRepository } from '../sessions/token.repository.js';
import type { RefreshTokenClaims } from '../tokens/claims-rules.js';
import { OAuthError } from './oauth.errors.js';

/** What a session's access tokens are granted, looked up before a refresh that asks for less. */
@Injectable()
export class SessionScopes {
  constructor(
    @Inject(Subjects) private readonly subjects: Subjects,
    /** Null where the strategy keeps no sessions, and gives no refresh tokens. */
    @Inject(TokenRepository) private readonly repository: TokenRepository | null,
  ) {}

  /**
   * RFC 6749 section 6: a refresh may narrow the scope and never widen it. Looked at before the session advances, since
   * a refusal after the advance would cost the client its token.
   * @throws OAuthError `invalid_scope`; AuthError `store_unavailable`
   */
  async refuseWider(token: RefreshTokenClaims, asked: readonly string[]): Promise<void> {
    const granted = await this.granted(token);
    // A session that is over is refused by the refresh itself, with its reason.
    const wider = granted && asked.find((scope) => !granted.includes(scope));
    if (wider !== undefined && granted) {
      throw new OAuthError('invalid_scope', `The session was not granted the scope ${wider}.`);
    }
  }

  private async granted({ sub, sid }: RefreshTokenClaims): Promise<readonly string[] | null> {
    const record = (await this.repository?.find(sub, sid))?.record;
    if (!record) return null;
    const subject = this.subjects.known ? await this.subjects.load(sub, record) : null;
    const scope = subject ? subject.claims.scope : (record.sessionClaims?.scope ?? record.subjectClaims?.scope);
    return typeof scope === 'string' ? scope.split(' ') : [];
  }
}
