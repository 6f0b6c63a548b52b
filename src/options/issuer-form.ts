/**
 * What is wrong with an issuer, as the rest of a sentence that begins with the option's name. Verifiers compare `iss` as
 * text, so a blank around it counts; links of mails and the path of the metadata are built from it, so RFC 8414
 * section 2 allows no query and no fragment; and every token names it, so a password in it would be public.
 */
export function issuerProblem(given: string): string | undefined {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || given !== given.trim())
    return `is '${given}'; it must be a URL with http: or https:, such as https://auth.example`;
  // The value is not shown: it may have a password.
  if (url.username || url.password) return 'has a user or a password in it; every token would name them';
  return /[?#]/.test(given) ? `is '${given}'; it must be a URL without ? and # (RFC 8414 section 2)` : undefined;
}
