import { AUTH_ERRORS, AuthConfigError, type ErrorTable } from '../auth.errors.js';
import type { AuditFields, KeepAddress } from '../auth.extensions.js';
import { functionOption } from './option-checks.js';

/** Options by which a host adds its own to what Keyturn tells. */
export interface HostExtensionOptions {
  /**
   * What is kept with a session and told in events of a client's address. Default: all of it.
   * @example keepAddress: () => undefined // nothing
   */
  keepAddress?: KeepAddress;
  /** The meanings of the host's own error codes, see `HostErrorCodes`. */
  errorCodes?: ErrorTable;
  /**
   * Under which names fields of the host's own events stand in the audit log, see `HostEvents`.
   * @example auditFields: { orderId: 'order_id' }
   */
  auditFields?: AuditFields;
}

export interface HostExtensions {
  readonly keepAddress: KeepAddress;
  /** Keyturn's own and the host's. */
  readonly errorCodes: ErrorTable;
  readonly auditFields: AuditFields;
}

const CODE = /^[a-z][a-z0-9_]{0,63}$/;

/** @throws AuthConfigError for what is no function, and for a code or status that cannot be one */
export function hostExtensions({ keepAddress, errorCodes, auditFields }: HostExtensionOptions): HostExtensions {
  functionOption('keepAddress', keepAddress, '(address) => string | undefined');
  return {
    keepAddress: keepAddress ?? ((address) => address),
    errorCodes: withOwnCodes(errorCodes ?? {}),
    auditFields: auditFields ?? {},
  };
}

function withOwnCodes(ofHost: ErrorTable): ErrorTable {
  for (const [code, { status }] of Object.entries(ofHost)) {
    if (!CODE.test(code)) throw refused(`'${code}' is no code: write it in lower case, with _ between words`);
    if (Object.hasOwn(AUTH_ERRORS, code)) throw refused(`'${code}' is a code of Keyturn; choose another name`);
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw refused(`the status of '${code}' is ${status}; it must be from 400 to 599`);
    }
  }
  return { ...AUTH_ERRORS, ...ofHost };
}

const refused = (why: string): AuthConfigError => new AuthConfigError(`errorCodes: ${why}`, { option: 'errorCodes' });
