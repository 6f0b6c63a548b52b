import { AuthConfigError, AuthError, type RedisTokenRepositoryOptions } from '../../index.js';
import {
  closeRedisClient,
  createRedisClient,
  findSession,
  readSubject,
  redisSettings,
  whyUnreached,
} from '../../internal.js';
import { UsageError } from '../arguments/usage-error.js';
import { whyReport } from './why-report.js';

export const WHY_USAGE = `Usage: keyturn why <session id | e-mail address | user id>

Says why somebody was logged out: what ended the session, when, from which address, what came before it, and what to do.
Of an address or a user it is the session that ended last. It only reads.

A session id is searched through all keys of Redis, which takes a second for some 50,000 of them; an address is one look.
Needs the settings of Redis, and those of the database for an address. What it reads is kept for ENDED_RETENTION.
`;

const SID = /^[\w-]{22}$/;
const USER_ID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** What the command needs of the world. */
export interface WhyContext {
  readonly redis: RedisTokenRepositoryOptions | undefined;
  /** The user of an address; null: there is none. */
  readonly userOf: (email: string) => Promise<{ readonly id: string } | null>;
  readonly write: (text: string) => void;
}

/**
 * `keyturn why <sid | e-mail>`.
 * @throws UsageError for what is no command, AuthConfigError or AuthError for what cannot be looked up
 */
export async function runWhy(args: readonly string[], { redis, userOf, write }: WhyContext): Promise<void> {
  const [asked, ...more] = args;
  if (asked === undefined || more.length > 0) throw new UsageError('Give one session id, e-mail address or user id.');
  if (!SID.test(asked) && !USER_ID.test(asked) && !asked.includes('@')) {
    throw new UsageError(`'${asked}' is no session id (22 characters), no e-mail address and no user id.`);
  }
  if (redis === undefined) {
    throw new AuthConfigError(
      'Without REDIS_URL sessions are in the memory of the service: its audit log has why they ended',
    );
  }
  const sub = SID.test(asked) ? undefined : await subjectOf(asked, userOf);
  const settings = redisSettings(redis);
  const { at, keyPrefix, commandTimeout } = settings;
  if (at.kind === 'client') throw new UsageError('Give REDIS_URL, REDIS_SENTINELS or REDIS_CLUSTER.');
  const client = await createRedisClient({ ...settings, at });
  try {
    const fault = await whyUnreached(client, 2 * commandTimeout + 500);
    if (fault !== null) throw new AuthError('store_unavailable', fault);
    const found =
      sub === undefined ? await findSession(client, keyPrefix, asked) : await readSubject(client, keyPrefix, sub);
    write(whyReport(found, sub === undefined ? asked : undefined));
  } finally {
    closeRedisClient(client);
  }
}

async function subjectOf(asked: string, userOf: WhyContext['userOf']): Promise<string> {
  if (USER_ID.test(asked)) return asked.toLowerCase();
  const user = await userOf(asked);
  if (!user) throw new AuthError('not_found', 'Nobody has this address.');
  return user.id;
}
