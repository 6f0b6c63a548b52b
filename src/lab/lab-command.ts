import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runLab, type Score } from './run-lab.js';
import { SITUATIONS } from './situations/index.js';

const HELP = `keyturn lab: puts a client, in any language, through what happens to sessions, and says what it does wrong

Usage:
  npx keyturn lab --target <url> [options] -- <command of the client> [arguments]
  npx keyturn lab --list

Options:
  --target <url>       the service, such as http://localhost:3000; its client "default" has transport "body"
  --grace <duration>   the service's REFRESH_GRACE, such as 1s (default: 30s)
  --only <names>       some situations, by name, separated by commas
  --email <address>, --password <password>
                       who signs in (default: a new user, where the service lets anybody register)
  --at-once <number>   how many situations are played at the same time (default: 4)
  --patience <duration>
                       how long to wait for what should happen (default: 10s)
  --json               print the scores as JSON
  --list               print the situations
  --help               print this

What the client has to do: docs/lab.md, "What your client has to do".
Exit code: 0 all passed, 1 a situation failed, 2 the lab could not be run.
`;

type Say = (text: string) => unknown;

class UsageError extends Error {}

function milliseconds(option: string, text: string): number {
  const [, count, unit] = /^(\d+)(ms|s|m)$/.exec(text) ?? [];
  if (!count) throw new UsageError(`--${option} is a duration such as 1s, not "${text}".`);
  return Number(count) * { ms: 1, s: 1000, m: 60_000 }[unit as 'ms' | 's' | 'm'];
}

function chosen(names: string | undefined): typeof SITUATIONS {
  if (names === undefined) return SITUATIONS;
  const wanted = names.split(',');
  const unknown = wanted.find((name) => !SITUATIONS.some((situation) => situation.name === name));
  if (unknown !== undefined)
    throw new UsageError(`There is no situation "${unknown}". "keyturn lab --list" prints them.`);
  return SITUATIONS.filter(({ name }) => wanted.includes(name));
}

/** @throws UsageError where nobody answers: the client would be told to have not signed in, for each situation */
async function ask(target: string, path: string, request?: RequestInit): Promise<Response> {
  try {
    return await fetch(target + path, request);
  } catch (error) {
    const reason = (error as { cause?: { code?: string } }).cause?.code ?? String(error);
    throw new UsageError(`There is no service at ${target} (${reason}). Start it, or give its address as --target.`);
  }
}

/** A user of its own, so that nobody's sessions are touched. */
async function register(target: string): Promise<{ email: string; password: string }> {
  const user = {
    email: `lab-${randomBytes(6).toString('hex')}@example.org`,
    password: randomBytes(18).toString('base64url'),
  };
  const headers = { 'content-type': 'application/json' };
  const answer = await ask(target, '/auth/register', { method: 'POST', headers, body: JSON.stringify(user) });
  if (answer.status === 201) return user;
  const { message } = (await answer.json().catch(() => ({}))) as { message?: string };
  throw new UsageError(
    `The lab could not register a user (${answer.status}: ${message ?? 'no message'}). Give --email and --password of a user.`,
  );
}

const lines = ({ name, happens, verdict, faults }: Score): string =>
  [`${verdict.padEnd(15)} ${name}: ${happens}`, ...faults.map((fault) => `${' '.repeat(16)}- ${fault}`)].join('\n');

/**
 * Runs `keyturn lab`.
 * @param args what stands behind `keyturn`
 * @returns the exit code
 */
export async function labCommand(args: readonly string[], say: Say, complain: Say): Promise<number> {
  try {
    return await run(args, say);
  } catch (error) {
    const { message, code } = error as { message: string; code?: string };
    // What parseArgs says of a wrong option is for people as well.
    const isUsage = error instanceof UsageError || code?.startsWith('ERR_PARSE_ARGS') === true;
    complain(`keyturn lab: ${isUsage ? message : String(error)}`);
    return 2;
  }
}

async function run(args: readonly string[], say: Say): Promise<number> {
  const string = { type: 'string' } as const;
  const boolean = { type: 'boolean' } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      target: string,
      grace: { ...string, default: '30s' },
      only: string,
      email: string,
      password: string,
      'at-once': { ...string, default: '4' },
      patience: { ...string, default: '10s' },
      json: boolean,
      list: boolean,
      help: boolean,
    },
  });
  const [what, ...command] = positionals;
  if (values.help || what === undefined) {
    say(HELP);
    return values.help ? 0 : 2;
  }
  if (what !== 'lab') throw new UsageError(`"${what}" is no command. The package has one: "keyturn lab".`);
  if (values.list) {
    for (const { name, happens } of SITUATIONS) say(`${name.padEnd(18)} ${happens}`);
    return 0;
  }
  const situations = chosen(values.only);
  if (values.target === undefined) throw new UsageError('--target is missing: the address of the service.');
  // The lab stands in the middle of the line, which TLS is there to prevent.
  if (!URL.canParse(values.target) || new URL(values.target).protocol !== 'http:') {
    throw new UsageError(`--target is an address with http://, such as http://localhost:3000, not "${values.target}".`);
  }
  if (command.length === 0) throw new UsageError('The command of the client is missing: write it behind "--".');
  const atOnce = Number(values['at-once']);
  if (!Number.isSafeInteger(atOnce) || atOnce < 1) throw new UsageError('--at-once is a whole number from 1.');
  const { email, password } = values;
  if ((email === undefined) !== (password === undefined)) throw new UsageError('Give --email and --password together.');
  const grace = milliseconds('grace', values.grace);
  const patience = milliseconds('patience', values.patience);
  const url = values.target.replace(/\/+$/, '');
  const isKnown = email !== undefined && password !== undefined;
  if (isKnown) await (await ask(url, '/')).body?.cancel();
  const user = isKnown ? { email, password } : await register(url);
  if (!values.json) say(`keyturn lab: ${situations.length} situations against ${url}`);
  const target = { url, grace, patience, command, ...user };
  const scores = await runLab(situations, target, atOnce, (score) => values.json || say(lines(score)));
  const count = (verdict: Score['verdict']) => scores.filter((score) => score.verdict === verdict).length;
  if (values.json) say(JSON.stringify({ target: url, scores }, undefined, 2));
  else say(`\nPassed ${count('passed')} of ${scores.length - count('not applicable')}.`);
  if (count('not started') > 0) return 2;
  return count('failed') > 0 ? 1 : 0;
}
