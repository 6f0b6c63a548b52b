import { audit, HonestClient, keepRefreshing } from '../client.mjs';
import { startFleet } from '../fleet.mjs';
import { makeKeys } from '../instance.mjs';

export const COMMAND_TIMEOUT = 500;
/** What docs/reliability.md allows on top of the command timeout. */
export const LONGEST = COMMAND_TIMEOUT + 200;

/**
 * A service of two processes before some store, and clients that refresh through it all the time.
 * @param store options of the Redis module
 * @param rollbacks whether the store may lose its last writes in this row
 */
export async function openScene(row, store, { members = 2, clients = 24, rollbacks = false, pace, config } = {}) {
  const { own, tally, chance } = row;
  const settings = { store: { commandTimeout: `${COMMAND_TIMEOUT}ms`, ...store }, keys: await makeKeys(), ...config };
  const fleet = own(await startFleet(members, settings, row));

  /** Sessions opened now, each with a client of its own. */
  async function login(count, options = {}) {
    const subs = Array.from({ length: count }, () => (options.chance ?? chance).text());
    const tokens = await fleet.members[0].ask('open', { subs });
    return tokens.map((token, index) => {
      const luck = chance.stream(`client ${index} of ${count}`);
      return new HonestClient({ token, tally, rollbacks, chance: luck, ...options });
    });
  }
  const all = await login(clients);
  return {
    ...fleet,
    settings,
    clients: all,
    login,
    load: (doors = fleet.doors) => own(keepRefreshing({ clients: all, doors, pace })),
    audit: (doors = fleet.doors) => audit(all, doors, row),
  };
}
