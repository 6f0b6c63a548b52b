import { AuthConfigError } from '../auth.errors.js';
import { parseDuration } from './durations.js';
import { closest } from './closest.js';
import { special } from './option-kinds.js';

/** How often something may be tried in how much time, such as `'10/15m'`. */
export interface LoginLimitOptions {
  /** Wrong passwords of one source, over all accounts. Default `100/15m`. */
  readonly source?: string;
  /** Wrong passwords of one source for one account. Default `10/15m`. */
  readonly accountSource?: string;
  /** Wrong passwords for one account, over all sources but known devices. Default `50/1h`. */
  readonly account?: string;
  /** Registrations of one source. Default `20/1h`. */
  readonly register?: string;
  /** Wrong reset tickets of one source. Default `5/1h`. */
  readonly ticket?: string;
  /** Changes of address that one user asks for; each sends a mail to an address that the user names. Default `5/1h`. */
  readonly emailChange?: string;
  /** Refreshes of one session, counted by each instance alone. Default `300/1m`. */
  readonly refresh?: string;
  /**
   * Calls of the OAuth routes by one client from one source, counted by each instance alone; names that are not
   * configured count together. Default `600/1m`.
   */
  readonly client?: string;
}

/** What can be limited. */
export type LimitName = keyof LoginLimitOptions;

/** Attempts, and the window in milliseconds. */
export interface LimitRate {
  /** How many attempts fit into the window. */
  readonly attempts: number;
  /** Milliseconds. */
  readonly window: number;
}

const DEFAULTS: Readonly<Record<LimitName, string>> = {
  source: '100/15m',
  accountSource: '10/15m',
  account: '50/1h',
  register: '20/1h',
  ticket: '5/1h',
  emailChange: '5/1h',
  refresh: '300/1m',
  client: '600/1m',
};
const NAMES = Object.keys(DEFAULTS) as LimitName[];
const MOST_ATTEMPTS = 10_000;
const LONGEST_WINDOW = parseDuration('1d', 'loginLimits');
const SHAPE = 'must be off, or an object such as {"account":"50/1h"}';

/** The option for attempts at logins and what is near to them. */
export const LIMIT_OPTIONS = {
  /** How often passwords and tickets may be tried; `off`, or what shall differ from the defaults. See `LoginLimits`. */
  loginLimits: special<'off' | LoginLimitOptions, Readonly<Record<LimitName, LimitRate>> | null>({
    env: 'LOGIN_LIMITS',
    kind: 'JSON',
    range: `off, or attempts/window by name: ${NAMES.join(', ')}`,
    without: JSON.stringify(DEFAULTS),
    about: 'How often passwords and tickets may be tried, in sliding windows; see docs/operations.md',
    fromText: (text, option) => {
      if (text === 'off') return text;
      try {
        return JSON.parse(text) as LoginLimitOptions;
      } catch {
        throw AuthConfigError.of(option, `is not JSON; it ${SHAPE}`);
      }
    },
    check: (given = {}, option) => {
      if (given === 'off') return null;
      if (typeof given !== 'object' || given === null || Array.isArray(given)) throw AuthConfigError.of(option, SHAPE);
      const unknown = Object.keys(given).find((name) => !Object.hasOwn(DEFAULTS, name));
      if (unknown !== undefined) {
        const meant = closest(unknown, NAMES);
        const hint = meant === undefined ? '' : `did you mean ${meant}? `;
        throw AuthConfigError.of(option, `has no limit '${unknown}'; ${hint}Known are ${NAMES.join(', ')}`);
      }
      const rates = NAMES.map((name) => [name, rateOf(given[name] ?? DEFAULTS[name], `${option}.${name}`)]);
      return Object.fromEntries(rates) as Readonly<Record<LimitName, LimitRate>>;
    },
  }),
};

function rateOf(given: unknown, option: string): LimitRate {
  const match = typeof given === 'string' ? /^(\d{1,9})\/(\d{1,9}(?:ms|s|m|h|d))$/.exec(given) : null;
  const [attempts, window] = match ? [Number(match[1]), parseDuration(match[2], option)] : [0, 0];
  if (attempts >= 1 && attempts <= MOST_ATTEMPTS && window >= 1_000 && window <= LONGEST_WINDOW) {
    return { attempts, window };
  }
  throw AuthConfigError.of(
    option,
    `must be attempts/window, such as '10/15m': 1 to ${MOST_ATTEMPTS} attempts in 1s to 1d`,
  );
}
