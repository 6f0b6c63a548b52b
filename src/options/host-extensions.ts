import { AUTH_ERRORS, AuthConfigError, type ErrorTable } from '../auth.errors.js';
import type { LoadUser } from '../auth.claims.js';
import type { AuditFields, KeepAddress } from '../auth.extensions.js';
import { callback, special, text } from './option-kinds.js';

const CODE = /^[a-z][a-z0-9_]{0,63}$/;

/** Options by which a host adds its own to what Keyturn tells. */
export const HOST_EXTENSION_OPTIONS = {
  /**
   * What is kept with a session and told in events of a client's address. Default: all of it.
   * @example keepAddress: () => undefined // nothing
   */
  keepAddress: callback<KeepAddress, KeepAddress>({
    shape: '(address) => string | undefined',
    without: 'all of it',
    about: "What is kept with a session and told in events of a client's address",
    fallback: (address) => address,
  }),
  /**
   * What the guard puts at `request.user` in place of the claims, such as the entity of the user. `@CurrentUser()` gives the
   * claims all the same. Null answers 401 `token_invalid`, an error 503. It is called on each guarded request.
   * @example loadUser: ({ sub }) => users.findOneBy({ id: sub })
   */
  loadUser: callback<LoadUser>({
    shape: '(claims) => user | null',
    without: 'the claims',
    about: 'What the guard puts at `request.user` on each request, such as the entity of the user; null answers 401',
  }),
  /**
   * The metadata key of the host's own `@Public()`: where it is `true`, on a method or a class, the guard lets everybody
   * in, as by `@Public()` of Keyturn.
   * @example publicMetadata: 'isPublic'
   */
  publicMetadata: text({
    kind: 'text',
    range: 'such as `isPublic`',
    without: 'none',
    about: "The metadata key of the host's own `@Public()`, which the guard obeys as well",
    problem: (given) =>
      given === '' ? "must be the key that SetMetadata() is called with, such as 'isPublic'" : undefined,
  }),
  /** The meanings of the host's own error codes, see `HostErrorCodes`. */
  errorCodes: special<ErrorTable>({
    kind: 'object',
    range: 'by code `{ status, meaning, … }`',
    without: 'none',
    about: "The meanings of the host's own error codes",
    check: (given, option) => withOwnCodes(given ?? {}, option),
  }),
  /**
   * Under which names fields of the host's own events stand in the audit log, see `HostEvents`.
   * @example auditFields: { orderId: 'order_id' }
   */
  auditFields: special<AuditFields>({
    kind: 'object',
    range: 'such as `{ orderId: "order_id" }`',
    without: 'none',
    about: "Under which names fields of the host's own events stand in the audit log",
    check: (given, option) => withTextFields(given ?? {}, option),
  }),
};

const isTable = (given: unknown): given is Readonly<Record<string, unknown>> =>
  typeof given === 'object' && given !== null && !Array.isArray(given);

function withTextFields(given: AuditFields, option: string): AuditFields {
  const isRight = isTable(given) && Object.values(given).every((name) => typeof name === 'string' && name !== '');
  if (!isRight) throw AuthConfigError.of(option, 'must be an object such as { orderId: "order_id" }');
  return given;
}

/** Keyturn's own and the host's. */
function withOwnCodes(ofHost: ErrorTable, option: string): ErrorTable {
  const refused = (why: string): AuthConfigError => AuthConfigError.of(option, `cannot be used: ${why}`);
  if (!isTable(ofHost))
    throw AuthConfigError.of(option, 'must be an object such as { order_closed: { status: 409, … } }');
  for (const [code, row] of Object.entries(ofHost)) {
    const status = (row as { status?: unknown } | null)?.status as number;
    if (!CODE.test(code)) throw refused(`'${code}' is no code; write it in lower case, with _ between words`);
    if (Object.hasOwn(AUTH_ERRORS, code)) throw refused(`'${code}' is a code of Keyturn; choose another name`);
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw refused(`the status of '${code}' is ${status}; it must be from 400 to 599`);
    }
  }
  return { ...AUTH_ERRORS, ...ofHost };
}
