import type { Fault, SeenRequest } from './fault-proxy.js';

type Answer = Extract<Fault, { kind: 'answer' }>;

const MESSAGES: Record<string, string> = {
  token_missing: 'There is no access token.',
  token_invalid: 'The access token is not valid.',
  token_expired: 'The access token has expired.',
  token_not_yet_valid: 'The access token is not valid yet.',
  token_reused: 'A refresh token was used twice, so the session was ended for safety.',
  session_revoked: 'The session was ended.',
  insufficient_user_authentication: 'The login is too old for this.',
};

/** A 401 as the guard of Keyturn answers it. */
export const refusal = (code: string): Answer => {
  const error = code === 'insufficient_user_authentication' ? code : 'invalid_token';
  const challenge = code === 'token_missing' ? '' : `, error="${error}"`;
  const maxAge = code === 'insufficient_user_authentication' ? ', max_age="60"' : '';
  return {
    kind: 'answer',
    status: 401,
    headers: { 'www-authenticate': `Bearer realm="lab"${challenge}${maxAge}` },
    body: JSON.stringify({ statusCode: 401, error: 'Unauthorized', code, message: MESSAGES[code] }),
  };
};

export const bearerOf = ({ headers }: SeenRequest): string | undefined =>
  headers.authorization?.replace(/^Bearer /, '');

/** The API of the lab: it takes the access tokens that the service handed out, until the lab says that they are over. */
export class PlayedApi {
  private readonly good = new Set<string>();
  private readonly over = new Set<string>();
  /** What the user does next, told by the next answer. */
  next: 'post' | 'logout' | undefined;
  /** Answers in place of the API. */
  instead: (request: SeenRequest) => Fault | undefined = () => undefined;

  admit(token: string): void {
    this.good.add(token);
  }

  /** All access tokens that were handed out until now have ended. */
  expire(): void {
    for (const token of this.good) this.over.add(token);
  }

  /** Whether the API takes the token. */
  takes(token: string | undefined): boolean {
    return token !== undefined && this.good.has(token) && !this.over.has(token);
  }

  answer(request: SeenRequest): Fault {
    return this.instead(request) ?? this.judge(request);
  }

  /** What the API says when the lab does not interfere. */
  judge(request: SeenRequest): Answer {
    const token = bearerOf(request);
    if (token === undefined) return refusal('token_missing');
    if (!this.good.has(token)) return refusal('token_invalid');
    if (this.over.has(token)) return refusal('token_expired');
    const next = this.next ?? null;
    this.next = undefined;
    return { kind: 'answer', status: 200, headers: { 'cache-control': 'no-store' }, body: JSON.stringify({ next }) };
  }
}
