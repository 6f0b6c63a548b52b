import { randomUUID } from 'node:crypto';
import { readSubject, redisFault, redisFaultKind, type RedisClient } from '../../internal.js';
import { findingsOf, type Finding } from './finding.js';

const finding = findingsOf('Redis');

/**
 * Whether this user may do what sessions need: one command of each kind, of a key that is not there, so that nothing
 * changes. A server that does not know a command is found in the same way.
 */
export async function aboutCommands(client: RedisClient, keyPrefix: string): Promise<Finding> {
  const nobody = `doctor-${randomUUID()}`;
  const key = `${keyPrefix}{${nobody}}`;
  const asked: Readonly<Record<string, () => Promise<unknown>>> = {
    evalsha: () => readSubject(client, keyPrefix, nobody),
    hdel: () => client.hdel(key, ''),
    lrem: () => client.lrem(key, 0, ''),
    pexpire: () => client.pexpire(key, 1),
    set: () => client.set(key, '', 'XX'),
    xadd: () => client.xadd(key, 'NOMKSTREAM', '*', '', ''),
    xrange: () => client.xrange(`${keyPrefix}feed`, '-', '+', 'COUNT', 1),
  };
  for (const [name, ask] of Object.entries(asked)) {
    const error = await ask().then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (error !== null) return finding('commands', 'bad', redisFault(redisFaultKind(error), name, error));
  }
  return finding('commands', 'ok', `what sessions need is allowed below ${keyPrefix}`);
}
