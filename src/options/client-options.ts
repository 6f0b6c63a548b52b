import { DAY, MINUTE, SECOND } from './durations.js';
import { AuthConfigError } from '../auth.errors.js';
import { checkGroup, choiceOption, durationOption } from './option-checks.js';
import type { SessionMode } from './session-mode.js';

/** How long tokens and sessions live, as durations with a unit. */
export interface LifeOptions {
  /** Life of an access token, 10 s to the absolute end. Default `30m`. */
  accessTtl?: string;
  /** A session unused for this long ends, at most `absoluteTtl`; in `refresh` it equals that. Default `14d`. */
  idleTtl?: string;
  /** A session ends after this, however busy: 1 m to 400 d. Default `90d`, in `refresh` `30d`. */
  absoluteTtl?: string;
}

/** One kind of client, such as an Android app or a web page; lives that are not given are those of all clients. */
export interface ClientOptions extends LifeOptions {
  /** How its tokens travel: in bodies and the `Authorization` header, or in cookies. Default `body`. */
  transport?: 'body' | 'cookie';
}

interface Lives {
  readonly accessTtl: number;
  readonly idleTtl: number;
  readonly absoluteTtl: number;
}

/** What one kind of client gets. Milliseconds. */
export interface ClientPolicy extends Lives {
  readonly transport: 'body' | 'cookie';
}

/** Of a session whose login named no client. */
export const DEFAULT_CLIENT = 'default';

const CLIENT_ID = /^[\w.-]{1,64}$/;

/**
 * Checks the clients, and adds `default` if it is not among them.
 * @throws AuthConfigError with a sentence that names the option and what it may be
 */
export function clientPolicies(
  { clients = {}, ...given }: LifeOptions & { clients?: Readonly<Record<string, ClientOptions>> },
  strategy: SessionMode,
): ReadonlyMap<string, ClientPolicy> {
  if (typeof clients !== 'object' || clients === null || Array.isArray(clients)) {
    throw new AuthConfigError('clients must be an object: { "web": { "transport": "cookie" } }');
  }
  const fallback = {
    accessTtl: 30 * MINUTE,
    // Lowered to the absolute end.
    idleTtl: strategy === 'refresh' ? Infinity : 14 * DAY,
    absoluteTtl: (strategy === 'refresh' ? 30 : 90) * DAY,
  };
  const ofAll = lives('', given, fallback, strategy);
  const policies = new Map<string, ClientPolicy>([[DEFAULT_CLIENT, { transport: 'body', ...ofAll }]]);
  for (const [id, client] of Object.entries(clients)) {
    if (!CLIENT_ID.test(id)) throw new AuthConfigError('clients: an id has 1 to 64 letters, digits or . _ -');
    const name = `clients.${id}`;
    checkGroup(name, client, ['transport', 'accessTtl', 'idleTtl', 'absoluteTtl']);
    policies.set(id, {
      transport: choiceOption(`${name}.transport`, client.transport, ['body', 'cookie']),
      ...lives(`${name}.`, client, strategy === 'refresh' ? { ...ofAll, idleTtl: Infinity } : ofAll, strategy),
    });
  }
  return policies;
}

/** @param prefix what stands before the options' names in a complaint */
function lives(prefix: string, given: LifeOptions, fallback: Lives, strategy: SessionMode): Lives {
  const absoluteTtl = durationOption(`${prefix}absoluteTtl`, given.absoluteTtl, {
    fallback: fallback.absoluteTtl,
    min: MINUTE,
    max: 400 * DAY,
  });
  const bounds = { min: 10 * SECOND, max: absoluteTtl, because: "the session's absolute end" };
  return {
    absoluteTtl,
    accessTtl: durationOption(`${prefix}accessTtl`, given.accessTtl, { fallback: fallback.accessTtl, ...bounds }),
    idleTtl: durationOption(`${prefix}idleTtl`, given.idleTtl, {
      fallback: fallback.idleTtl,
      ...bounds,
      // Nothing slides there: another value would promise an end that does not come.
      ...(strategy === 'refresh' && {
        min: absoluteTtl,
        because: "the session's absolute end; 'refresh' has no other",
      }),
    }),
  };
}
