import { parseArgs } from 'node:util';
import {
  AuthConfigError,
  generateKey,
  generateKeys,
  type AccessTokenAlgorithm,
  type AuthPolicy,
  type KeyInfo,
  type KeyRing,
} from '../../index.js';
import { formatDuration, parseKeyRing, type Jwk, type KeyPurpose } from '../../internal.js';
import { createKeyFile, readKeyFile, replaceKeyFile, textOf } from '../keys/key-file.js';
import { keyLine, rfc3339 } from '../keys/key-line.js';
import { UsageError, usageErrorOf } from '../arguments/usage-error.js';
import { readWhen } from '../arguments/when.js';

/** A mounted file arrives within 2 minutes; the JWKS may be cached for 5, by two one after the other. */
const AHEAD = 15 * 60_000;
/** Beside what the tokens live: for clocks, and for the instance that signed last. */
const SPARE = 60_000;
const PURPOSES: readonly KeyPurpose[] = ['access', 'refresh'];
const ALGORITHMS: readonly AccessTokenAlgorithm[] = ['ES256', 'RS256', 'PS256', 'HS256'];

export const KEYS_USAGE = `Usage: keyturn keys <command> [--file <path>]

Make keys
  generate   Makes a key file: one key for access tokens, one for refresh tokens.

Look at keys
  list       Prints the keys, what each is for and does; never what is secret.

Rotate keys
  add --purpose access|refresh [--use-from <when>] [--algorithm <alg>]
             Adds a key, which signs from then on: in 15 minutes unless said, so that every instance and every
             reader of the JWKS has it before.
  retire <kid> [--at <when>]
             Ends a key. Unless said, when the last token that it signed has run out.
  drop       Takes the keys out that are retired. Where a client has cookies, an access key stays for as long as a
             session can be unused: its old cookies still show which refresh cookie is ours. It opens nothing.

Values
  <when> is now, a time from now such as 10m, or a time such as 2026-01-31T12:00:00Z.
  <path> is AUTH_KEYS_FILE unless said, else keys.json in DATA_DIR. A running service takes a change within seconds.
  <alg> is AUTH_ALGORITHM unless said: ES256, RS256, PS256 or HS256. How long tokens live is read from the settings too.
`;

/** What a command needs of the world. */
export interface KeysCommandContext {
  /** Where the keys are, unless the command says it. */
  readonly file: string;
  readonly policy: AuthPolicy;
  readonly print: (line: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * `keyturn keys …`.
 * @throws UsageError for what is no command, AuthConfigError for what cannot be done
 */
export async function runKeysCommand(args: readonly string[], context: KeysCommandContext): Promise<void> {
  const { values, positionals } = parsed(args);
  const [command, kid, ...more] = positionals;
  const { file = context.file, purpose, algorithm = context.policy.algorithm, at, 'use-from': useFrom } = values;
  if (more.length > 0) throw new UsageError(`unexpected argument '${more[0]}'.`);
  if (kid !== undefined && command !== 'retire') throw new UsageError(`unexpected argument '${kid}'.`);
  if (!ALGORITHMS.includes(algorithm)) throw new UsageError(`--algorithm must be one of ${ALGORITHMS.join(', ')}.`);
  const keyFile = new KeyFile(file, context);
  switch (command) {
    case 'generate':
      allow(values, 'algorithm');
      await createKeyFile(file, textOf(generateKeys(algorithm)));
      return new KeyFile(file, { ...context, policy: { ...context.policy, algorithm } }).list();
    case 'list':
      allow(values);
      return keyFile.list();
    case 'add':
      allow(values, 'purpose', 'use-from', 'algorithm');
      if (!PURPOSES.includes(purpose!)) throw new UsageError('Give --purpose access or --purpose refresh.');
      return keyFile.add(purpose!, algorithm, useFrom);
    case 'retire':
      allow(values, 'at');
      if (kid === undefined) throw new UsageError("'retire' needs the kid of a key; 'list' prints them.");
      return keyFile.retire(kid, at);
    case 'drop':
      allow(values);
      return keyFile.drop();
    default:
      throw new UsageError(
        command === undefined
          ? 'Which command of keys?'
          : `keys has no command '${command}'; it has generate, list, add, retire, drop.`,
      );
  }
}

interface KeysOptions {
  readonly file?: string;
  readonly purpose?: KeyPurpose;
  readonly algorithm?: AccessTokenAlgorithm;
  readonly at?: string;
  readonly 'use-from'?: string;
}

function parsed(args: readonly string[]): { values: KeysOptions; positionals: string[] } {
  try {
    const option = { type: 'string' } as const;
    const options = { file: option, purpose: option, algorithm: option, at: option, 'use-from': option };
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    return { values: values as KeysOptions, positionals };
  } catch (error) {
    throw usageErrorOf(error);
  }
}

function allow(values: KeysOptions, ...allowed: readonly (keyof KeysOptions)[]): void {
  const stray = Object.keys(values).find((name) => name !== 'file' && !allowed.includes(name as keyof KeysOptions));
  if (stray !== undefined) throw new UsageError(`--${stray} has no place here.`);
}

/** A key file as the commands change it. Members it does not know stay. */
class KeyFile {
  private readonly now: number;

  constructor(
    private readonly path: string,
    private readonly context: KeysCommandContext,
  ) {
    this.now = context.now();
  }

  async list(): Promise<void> {
    const ring = this.ringOf(await this.read());
    ring.list(this.now).map(keyLine).forEach(this.context.print);
  }

  async add(purpose: KeyPurpose, algorithm: AccessTokenAlgorithm, when?: string): Promise<void> {
    const from = when === undefined ? this.now + AHEAD : readWhen(when, this.now, '--use-from');
    const key = { ...generateKey(purpose, algorithm), use_from: rfc3339(from) };
    await this.change((keys) => [...keys, key]);
  }

  async retire(kid: string, when?: string): Promise<void> {
    const content = await this.read();
    const ring = this.ringOf(content);
    const key = ring.list(this.now).find((info) => info.kid === kid);
    if (!key) throw new AuthConfigError(`there is no key '${kid}' in ${this.path}; 'keys list' prints them`);
    const at = when === undefined ? this.endOfTokens(key, ring) : readWhen(when, this.now, '--at');
    await this.change((keys) => keys.map((jwk) => (jwk.kid === kid ? { ...jwk, retire_at: rfc3339(at) } : jwk)));
  }

  async drop(): Promise<void> {
    const listed = this.ringOf(await this.read()).list(this.now);
    const keepFor = this.provesCookiesFor();
    const retired = listed
      .filter(
        ({ state, purpose, retireAt }) =>
          state === 'retired' && (purpose === 'refresh' || this.now >= retireAt + keepFor),
      )
      .map(({ kid }) => kid);
    if (retired.length === 0) {
      const still = listed.some(({ state }) => state === 'retired')
        ? `is retired for ${formatDuration(keepFor)}, so long the cookies of a session can still bear it`
        : 'is retired';
      throw new AuthConfigError(`no key in ${this.path} ${still}; nothing was changed`);
    }
    await this.change((keys) => keys.filter(({ kid }) => !retired.includes(kid!)));
  }

  /** An access cookie says which refresh cookie is ours, as long as a session can be unused, and its key must be known. */
  private provesCookiesFor(): number {
    const clients = [...this.context.policy.clients.values()];
    return Math.max(0, ...clients.filter(({ transport }) => transport === 'cookie').map(({ idleTtl }) => idleTtl));
  }

  /** When the last token is over that a key can sign: the moment at which it stops, and a token's longest life. */
  private endOfTokens({ kid, purpose }: KeyInfo, ring: KeyRing): number {
    const clients = [...this.context.policy.clients.values()];
    const life = Math.max(...clients.map((client) => client[purpose === 'access' ? 'accessTtl' : 'absoluteTtl']));
    const changes = ring
      .list(this.now)
      .flatMap(({ useFrom, retireAt }) => [useFrom, retireAt])
      .filter((at) => at > this.now && at < Infinity);
    const times = [this.now, ...changes.toSorted((a, b) => a - b)];
    const last = times.findLastIndex((at) => ring.activeOrNone(purpose, at)?.kid === kid);
    // It may have signed until now, by a setting that has changed or a clock that is behind.
    const stops = last === -1 ? this.now : times[last + 1];
    if (stops === undefined) throw nobodySigns(purpose);
    return stops + life + SPARE;
  }

  private async change(edit: (keys: readonly Jwk[]) => readonly Jwk[]): Promise<void> {
    const before = await this.read();
    this.ringOf(before);
    const set = JSON.parse(before) as { keys: readonly Jwk[] };
    const after = textOf({ ...set, keys: edit(set.keys) });
    const ring = this.ringOf(after);
    for (const purpose of ring.purposes) {
      const end = ring.signsUntil(purpose, this.now);
      if (end < Infinity) throw nobodySigns(purpose, end);
    }
    await replaceKeyFile(this.path, before, after);
    ring.list(this.now).map(keyLine).forEach(this.context.print);
  }

  private read(): Promise<string> {
    return readKeyFile(this.path);
  }

  private ringOf(content: string): KeyRing {
    const { algorithm, keepsSessions } = this.context.policy;
    return parseKeyRing(content, algorithm, keepsSessions ? PURPOSES : ['access']);
  }
}

const nobodySigns = (purpose: KeyPurpose, from?: number): AuthConfigError =>
  new AuthConfigError(
    `then no ${purpose} key would sign${from === undefined ? '' : ` from ${rfc3339(from)} on`}; nothing was changed. ` +
      `Add one that signs by then: keys add --purpose ${purpose} --use-from <when>`,
  );
