import type { SeenRequest, ServerAnswer } from './fault-proxy.js';

type Claims = Record<string, unknown>;

export const claimsOf = (token: string): Claims =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Claims;

const withClaims = (token: string, claims: Claims): string => {
  const [header, , signature] = token.split('.');
  return [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
};

/**
 * Gives a client tokens that read differently from what the service signed, as they would on a device whose clock is
 * wrong, and puts the signed ones back on the way to the service.
 */
export class TokenDisguise {
  private readonly signed = new Map<string, string>();
  /** Seconds that are added to the times of new access tokens. */
  shift = 0;

  /** @returns the token with other claims; the server that gets it acts with the signed one */
  change(token: string, claims: Claims): string {
    const original = this.signed.get(token) ?? token;
    const disguised = withClaims(token, { ...claimsOf(token), ...claims });
    this.signed.set(disguised, original);
    return disguised;
  }

  reveal({ headers, ...request }: SeenRequest): SeenRequest {
    const { authorization = '' } = headers;
    const original = this.signed.get(authorization.replace(/^Bearer /, ''));
    return { ...request, headers: original ? { ...headers, authorization: `Bearer ${original}` } : headers };
  }

  /** Changes the access token of a token answer, if there is a shift. */
  cover(answer: ServerAnswer): ServerAnswer {
    if (this.shift === 0 || answer.status !== 200) return answer;
    const fields = JSON.parse(answer.body.toString()) as { access_token?: string };
    if (!fields.access_token) return answer;
    const { iat, exp } = claimsOf(fields.access_token) as { iat: number; exp: number };
    const access_token = this.change(fields.access_token, { iat: iat + this.shift, exp: exp + this.shift });
    const body = Buffer.from(JSON.stringify({ ...fields, access_token }));
    return { ...answer, body, headers: { ...answer.headers, 'content-length': String(body.length) } };
  }
}
