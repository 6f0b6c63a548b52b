import { AuthError } from '../../index.js';
import { isUserId } from '../accounts/user.js';
import type { OutboxEntry } from '../outbox/outbox-entry.js';
import type { OutboxTable } from '../outbox/outbox-table.js';
import { UsageError } from '../arguments/usage-error.js';

/** What the command needs of the world. */
export interface OutboxCommandContext {
  readonly open: () => Promise<OutboxTable>;
  readonly print: (line: string) => void;
  /** Milliseconds since the epoch, by the database's clock. */
  readonly now: () => Promise<number>;
}

const LISTED = 1000;

/**
 * `keyturn outbox …`.
 * @throws UsageError for what is no command, AuthError for what cannot be done
 */
export async function runOutboxCommand(
  [command = 'list', id, ...more]: readonly string[],
  { open, print, now }: OutboxCommandContext,
): Promise<void> {
  if (more.length > 0) throw new UsageError(`unexpected argument '${more[0]}'.`);
  switch (command) {
    case 'list': {
      if (id !== undefined) throw new UsageError(`unexpected argument '${id}'.`);
      const entries = await (await open()).list(LISTED + 1);
      if (entries.length === 0) print('Nothing waits, and nothing was given up.');
      for (const entry of entries.slice(0, LISTED)) print(line(entry));
      if (entries.length > LISTED) print(`These are the oldest ${LISTED}. There are more.`);
      return;
    }
    case 'retry': {
      const only = id === undefined ? {} : { id: checked(id) };
      const count = await (await open()).retry(only, await now());
      if (id !== undefined && count === 0) throw notThere(id);
      print(`${count} will be tried again within a minute.`);
      return;
    }
    case 'drop':
      if (id === undefined) throw new UsageError("'drop' needs the id of an entry.");
      if (!(await (await open()).drop(checked(id)))) throw notThere(id);
      print('dropped');
      return;
    default:
      throw new UsageError(`outbox has no command '${command}'; it has list, retry, drop.`);
  }
}

function checked(id: string): string {
  if (!isUserId(id)) throw new UsageError(`'${id}' is not the id of an entry; 'list' prints them.`);
  return id;
}

const notThere = (id: string): AuthError => new AuthError('not_found', `The outbox has no entry ${id}.`);

const at = (milliseconds: number): string => new Date(milliseconds).toISOString();

const line = ({ id, topic, subject, created, due, attempts, fault }: OutboxEntry): string =>
  [
    id,
    topic,
    subject,
    `since ${at(created)}`,
    due === null ? 'undeliverable' : `next attempt ${at(due)}`,
    `${attempts} failed or under way`,
    ...(fault === null ? [] : [fault]),
  ].join('  ');
