import { AuthConfigError } from '../../index.js';
import { choice, secret, text, type Environment } from './environment.js';

/** Where the users are. */
export interface DatabaseConfig {
  /** Undefined: embedded, in the data folder. */
  readonly databaseUrl: string | undefined;
  readonly migrateOnStart: boolean;
  readonly dataDir: string;
}

/** What the command `keyturn` needs as well as the service. @throws AuthConfigError that names the setting */
export function databaseConfig(env: Environment): DatabaseConfig {
  return {
    databaseUrl: databaseUrl(env),
    migrateOnStart: choice(env, 'MIGRATE_ON_START', ['true', 'false'], 'true') === 'true',
    dataDir: text(env, 'DATA_DIR') ?? './data',
  };
}

/** Never says what was given: a password is in it. */
function databaseUrl(env: Environment): string | undefined {
  const given = secret(env, 'DATABASE_URL');
  if (given === undefined) return undefined;
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url && /^postgres(ql)?:$/.test(url.protocol) && url.pathname.length > 1 && !url.hash) return given;
  throw new AuthConfigError(
    'DATABASE_URL must be postgres://user:password@host:port/database; in user and password write other characters ' +
      'than letters and digits as %XX (RFC 3986)',
  );
}
