import { AuthConfigError } from '../auth.errors.js';
import {
  CLIENT_OPTIONS,
  LIFE_OPTIONS,
  type ClientOptions,
  type ClientPolicy,
  type LifeOptions,
} from './client-options.js';
import { DAY } from './durations.js';
import type { CheckedOf } from './option.js';
import { refuseUnknown } from './option-table.js';
import type { SessionMode } from './session-mode.js';

type Lives = CheckedOf<typeof LIFE_OPTIONS>;

/** Of a session whose login named no client. */
export const DEFAULT_CLIENT = 'default';

const CLIENT_ID = /^[\w.-]{1,64}$/;

/**
 * Checks the clients, and adds `default` if it is not among them.
 * @throws AuthConfigError with a sentence that names the option and what it may be
 */
export function clientPolicies(
  clients: Readonly<Record<string, ClientOptions>>,
  given: LifeOptions,
  strategy: SessionMode,
): ReadonlyMap<string, ClientPolicy> {
  const ofAll = lives('', given, strategy === 'refresh' ? { absoluteTtl: 30 * DAY } : {}, strategy);
  const policies = new Map([[DEFAULT_CLIENT, policyOf({}, '', ofAll)]]);
  for (const [id, client] of Object.entries(clients)) {
    if (!CLIENT_ID.test(id)) throw AuthConfigError.of('clients', 'must have ids of 1 to 64 letters, digits or . _ -');
    const name = `clients.${id}`;
    refuseUnknown(client, Object.keys(CLIENT_OPTIONS), name);
    policies.set(id, policyOf(client, `${name}.`, lives(`${name}.`, client, ofAll, strategy)));
  }
  return policies;
}

const policyOf = (client: ClientOptions, prefix: string, ofClient: Lives): ClientPolicy => ({
  transport: CLIENT_OPTIONS.transport.check(client.transport, `${prefix}transport`),
  bff: CLIENT_OPTIONS.bff.check(client.bff, `${prefix}bff`),
  secretHashes: CLIENT_OPTIONS.secretHashes.check(client.secretHashes, `${prefix}secretHashes`),
  jwks: CLIENT_OPTIONS.jwks.check(client.jwks, `${prefix}jwks`),
  scope: CLIENT_OPTIONS.scope.check(client.scope, `${prefix}scope`),
  audience: CLIENT_OPTIONS.audience.check(client.audience, `${prefix}audience`),
  ...ofClient,
});

/** @param prefix what stands before the options' names in a message */
function lives(prefix: string, given: LifeOptions, fallback: Partial<Lives>, strategy: SessionMode): Lives {
  const check = (name: keyof Lives, bounds: object): number =>
    LIFE_OPTIONS[name].check(given[name], prefix + name, { fallback: fallback[name], ...bounds });
  const absoluteTtl = check('absoluteTtl', {});
  const bounds = { max: absoluteTtl, because: "the session's absolute end" };
  // Nothing slides in `refresh`: another idle time would promise an end that does not come.
  const fixed = {
    fallback: absoluteTtl,
    min: absoluteTtl,
    max: absoluteTtl,
    because: "the session's absolute end; 'refresh' has no other",
  };
  return {
    absoluteTtl,
    accessTtl: check('accessTtl', bounds),
    idleTtl: check('idleTtl', strategy === 'refresh' ? fixed : bounds),
  };
}
