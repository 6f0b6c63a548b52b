/*
 * What a host adds to the types of Keyturn, by declaration merging. index.ts exports this file as a whole, because
 * TypeScript merges a declaration through `export *` and not through an export by name.
 */

/**
 * The host's own claims in an access token. A host declares them once:
 *
 * @example
 * ```ts
 * declare module 'keyturn' {
 *   interface RegisteredClaims {
 *     roles: string[];
 *   }
 * }
 * ```
 */
// oxlint-disable-next-line typescript/no-empty-object-type -- filled by hosts
export interface RegisteredClaims {}

/**
 * Events of the host, by name: what it emits through `AuthEvents` beside Keyturn's own. The value type is what the
 * event carries; `type` and the request are added.
 *
 * @example
 * ```ts
 * declare module 'keyturn' {
 *   interface HostEvents {
 *     'order.paid': { readonly sub: string; readonly total: number };
 *   }
 * }
 * events.emit({ type: 'order.paid', sub: user.sub, total: 4200 });
 * ```
 */
// oxlint-disable-next-line typescript/no-empty-object-type -- filled by hosts
export interface HostEvents {}

/**
 * Error codes of the host, so that it can throw an `AuthError` with them. Give their meaning in the option
 * `errorCodes`: without it the answer is a 500.
 *
 * @example
 * ```ts
 * const ORDER_ERRORS = {
 *   order_closed: { status: 409, meaning: 'The order is closed.', client: 'Make a new order.' },
 * } as const satisfies ErrorTable;
 * type OrderErrors = typeof ORDER_ERRORS;
 * declare module 'keyturn' {
 *   interface HostErrorCodes extends OrderErrors {}
 * }
 * ```
 */
// oxlint-disable-next-line typescript/no-empty-object-type -- filled by hosts
export interface HostErrorCodes {}

/** What is kept and told of a client's address; undefined: nothing. */
export type KeepAddress = (address: string) => string | undefined;

/** Under which names fields of a host's own events stand in the audit log; a field that is not named here does not. */
export type AuditFields = Readonly<Record<string, string>>;
