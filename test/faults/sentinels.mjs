import { writeFileSync } from 'node:fs';
import { RedisServer, startRedis, until } from './redis.mjs';

const MASTER_NAME = 'keyturn';
const FOLLOWS_FAST = ['--repl-diskless-sync-delay', '0'];

class Sentinel extends RedisServer {
  constructor(master, failoverTimeout) {
    super({ args: [] });
    this.master = master;
    this.failoverTimeout = failoverTimeout;
  }

  first() {
    const file = `${this.folder}/sentinel.conf`;
    const settings = [
      `sentinel monitor ${MASTER_NAME} 127.0.0.1 ${this.master.port} 2`,
      `sentinel down-after-milliseconds ${MASTER_NAME} 1000`,
      `sentinel failover-timeout ${MASTER_NAME} ${this.failoverTimeout}`,
    ];
    writeFileSync(file, settings.join('\n'));
    return [file, '--sentinel'];
  }

  async sees(master) {
    const facts = await this.client.call('SENTINEL', 'MASTER', MASTER_NAME);
    const fact = (name) => facts[facts.indexOf(name) + 1];
    return fact('num-slaves') === '2' && fact('num-other-sentinels') === '2' && fact('port') === String(master.port);
  }
}

/** A master, two replicas and three Sentinels that have found each other. */
export async function startSentinels(own, { failoverTimeout = 5_000 } = {}) {
  const server = async (args) => own(await startRedis({ args: ['--save', '', ...FOLLOWS_FAST, ...args] }));
  const master = await server([]);
  const replicas = await Promise.all([1, 2].map(() => server(['--replicaof', `127.0.0.1 ${master.port}`])));
  for (const { client } of replicas) {
    await until('a replica in step', async () => (await client.info('replication')).includes('master_link_status:up'));
  }
  const sentinels = await Promise.all(
    [1, 2, 3].map(async () => own(await new Sentinel(master, failoverTimeout).start())),
  );
  for (const sentinel of sentinels) await until('Sentinels that know each other', () => sentinel.sees(master));
  const names = sentinels.map(({ port }) => `127.0.0.1:${port}`);
  return { master, replicas, sentinels, store: { sentinels: names, sentinelName: MASTER_NAME } };
}

/** The one of `servers` that all Sentinels call the master. */
export async function masterNamed(servers, sentinels) {
  let found;
  await until('one master for all Sentinels', async () => {
    const ask = ({ client }) => client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', MASTER_NAME);
    const named = await Promise.all(sentinels.map(ask));
    found = servers.find(({ port }) => named.every((address) => address?.[1] === String(port)));
    return found !== undefined && (await found.client.role())[0] === 'master';
  });
  return found;
}

/** Waits until all servers but the master follow it. */
export async function twoInStep(servers) {
  const areInStep = async () => {
    const roles = await Promise.all(servers.map(({ client }) => client.role()));
    const following = roles.filter(([role, , , link]) => role === 'slave' && link === 'connected');
    return following.length === servers.length - 1;
  };
  await until('two replicas in step', areInStep, 60_000);
}
