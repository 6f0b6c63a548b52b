import { freePort, startRedis, until } from './redis.mjs';

const SLOTS = 16_384;
const MASTERS = 3;
const CLUSTER = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1500'];
const SETTINGS = ['--save', '', '--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1', ...CLUSTER];

/** Six nodes, three of them masters with a share of the slots, each followed by one of the others. */
export async function startCluster(own) {
  const nodes = await Promise.all(
    Array.from({ length: 2 * MASTERS }, async () => {
      let busPort = 0;
      const args = async () => {
        busPort = await freePort();
        return [...SETTINGS, '--cluster-port', String(busPort)];
      };
      const server = own(await startRedis({ args }));
      return {
        server,
        busPort,
        port: server.port,
        client: server.client,
        id: await server.client.call('CLUSTER', 'MYID'),
      };
    }),
  );
  const masters = nodes.slice(0, MASTERS);
  const bounds = Array.from({ length: MASTERS + 1 }, (_, index) => Math.floor((index * SLOTS) / MASTERS));
  for (const [index, { client }] of masters.entries()) {
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
    await client.call('CLUSTER', 'ADDSLOTSRANGE', bounds[index], bounds[index + 1] - 1);
  }
  for (const { port, busPort } of nodes.slice(1))
    await nodes[0].client.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort);
  await everyNode(nodes, ({ client }) => client.call('CLUSTER', 'INFO'), `cluster_known_nodes:${nodes.length}`);
  for (const [index, { client }] of nodes.slice(MASTERS).entries()) {
    await until('a master to follow', () => client.call('CLUSTER', 'REPLICATE', masters[index].id).then(() => true));
  }
  await everyNode(nodes, ({ client }) => client.call('CLUSTER', 'INFO'), 'cluster_state:ok');
  await everyNode(nodes.slice(MASTERS), ({ client }) => client.info('replication'), 'master_link_status:up');
  return { nodes, masters, store: { cluster: nodes.map(({ port }) => `127.0.0.1:${port}`) } };
}

async function everyNode(nodes, ask, word) {
  for (const node of nodes) await until(`${word} on ${node.port}`, async () => (await ask(node)).includes(word));
}

/** Moves a slot with its keys, as `redis-cli --cluster reshard` does. */
export async function moveSlot(slot, from, to, masters) {
  await to.client.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id);
  await from.client.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id);
  for (let i = 0; i < 100; i += 1) {
    const keys = await from.client.call('CLUSTER', 'GETKEYSINSLOT', slot, 10);
    if (keys.length === 0) break;
    await from.client.call('MIGRATE', '127.0.0.1', to.port, '', 0, 5_000, 'KEYS', ...keys);
  }
  // The new owner first, so that no moment is without one.
  for (const { client } of [to, from, ...masters.filter((node) => node !== to && node !== from)]) {
    await client.call('CLUSTER', 'SETSLOT', slot, 'NODE', to.id);
  }
}
