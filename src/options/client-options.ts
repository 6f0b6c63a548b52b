import { AuthConfigError } from '../auth.errors.js';
import { choice, duration, flag, list, special, text } from './option-kinds.js';
import type { CheckedOf, OptionsOf } from './option.js';
import { SCOPE_LIST } from './scope-form.js';

/** How long tokens and sessions live; for all clients, and for each of its own. */
export const LIFE_OPTIONS = {
  /** Life of an access token, 10 s to the absolute end. Default `30m`. */
  accessTtl: duration({
    env: 'ACCESS_TTL',
    fallback: '30m',
    min: '10s',
    max: '400d',
    upTo: 'absoluteTtl',
    about: 'Life of an access token',
  }),
  /** A session unused for this long ends, at most `absoluteTtl`; in `refresh` it equals that. Default `14d`. */
  idleTtl: duration({
    env: 'SESSION_IDLE',
    fallback: '14d',
    min: '10s',
    max: '400d',
    upTo: 'absoluteTtl',
    about: 'A session unused for this long ends; in `refresh` it equals the absolute end',
  }),
  /** A session ends after this, however busy it is: 1 m to 400 d. Default `90d`, in `refresh` `30d`. */
  absoluteTtl: duration({
    env: 'SESSION_ABSOLUTE',
    fallback: '90d',
    min: '1m',
    max: '400d',
    about: 'A session ends after this, however busy it is; default `30d` in `refresh`',
  }),
};

/** The options of one kind of client, in `clients`. */
export const CLIENT_OPTIONS = {
  /** How its tokens travel: in bodies and the `Authorization` header, or in cookies. Default `body`. */
  transport: choice(['body', 'cookie'], {
    about: 'How its tokens travel: in bodies and the `Authorization` header, or in cookies',
  }),
  /** Whether it is a server that renders pages and keeps the tokens for them: bounds `attemptTtl` to 60 s. Default false. */
  bff: flag({
    fallback: false,
    about: 'Whether it is a server that renders pages and keeps the tokens; its Idempotency-Key counts for 60s at most',
  }),
  /** SHA-256 of each of its secrets, base64url: makes it a confidential client for the OAuth routes. Two may live at once. */
  secretHashes: list({
    range: 'SHA-256 of the text of each secret, base64url',
    without: 'none: it is a public client',
    about: 'The secrets of a confidential client; see docs/oauth.md',
    problem: (given) =>
      /^[\w-]{43}$/.test(given) ? undefined : 'must hold the SHA-256 of each secret, 43 characters of base64url',
  }),
  /** A public JWKS: makes it a confidential client that authenticates by `private_key_jwt`. */
  jwks: special<unknown>({
    kind: 'JWKS',
    without: 'none',
    about: 'The public keys of a confidential client that authenticates by `private_key_jwt`',
    check: (given, option) => {
      if (given === undefined || (typeof given === 'object' && given !== null)) return given;
      throw AuthConfigError.of(option, 'must be a public JWKS: {"keys":[ … ]}');
    },
  }),
  /** What its machine tokens may be granted: names with single blanks between them. */
  scope: text({
    kind: 'list',
    range: 'names with single blanks between them',
    without: 'none',
    about: 'What the machine tokens of a confidential client may be granted',
    problem: (given) =>
      SCOPE_LIST.test(given)
        ? undefined
        : 'must be names with single blanks between them, such as "orders:read orders:write"',
  }),
  /** Whom its machine tokens may be for, and whose tokens it may introspect. Default: the audience of all tokens. */
  audience: list({
    without: 'the audience of all tokens',
    about: 'Whom the machine tokens of a confidential client may be for, and whose tokens it may introspect',
  }),
  ...LIFE_OPTIONS,
};

/** How long tokens and sessions live, as durations with a unit. */
export interface LifeOptions extends OptionsOf<typeof LIFE_OPTIONS> {}

/** One kind of client, such as an Android app or a web page; lives that are not given are those of all clients. */
export interface ClientOptions extends OptionsOf<typeof CLIENT_OPTIONS> {}

/** What one kind of client gets. Milliseconds. */
export interface ClientPolicy extends CheckedOf<typeof CLIENT_OPTIONS> {}
