export type Claims = Readonly<Record<string, unknown>>;

export interface DecodedToken {
  readonly header: Claims;
  readonly claims: Claims;
}

/** Reads a token without checking it. @returns undefined for what is none */
export function decodeToken(token: string | undefined): DecodedToken | undefined {
  const [header, claims] = (token ?? '').split('.').map(partOf);
  return header && claims ? { header, claims } : undefined;
}

/** The number of a refresh token; the first of a session is 0. */
export const seqOf = (token: string | undefined): number | undefined => {
  const seq = decodeToken(token)?.claims.seq;
  return typeof seq === 'number' ? seq : undefined;
};

function partOf(part: string): Claims | undefined {
  try {
    const bytes = Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (character) =>
      character.codePointAt(0)!,
    );
    return JSON.parse(new TextDecoder().decode(bytes)) as Claims;
  } catch {
    return undefined;
  }
}
