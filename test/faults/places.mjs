import { setTimeout as sleep } from 'node:timers/promises';
import { startCluster } from './cluster.mjs';
import { startProxy } from './proxy.mjs';
import { startRedis, until } from './redis.mjs';
import { masterNamed, startSentinels, twoInStep } from './sentinels.mjs';

const EVERY_WRITE = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''];

/*
 * Where the sessions lie: `store`, as options of the Redis module name it; `masters()`, the servers that take writes
 * now; `fails`, the faults that this place alone has, each called with `{ chance }` and over when it resolves;
 * `steady()`, which waits until every replica follows its master; and whether the last writes may be lost.
 */

async function oneServer(own) {
  const server = own(await startRedis({ args: EVERY_WRITE }));
  const proxy = own(await startProxy(server.port));
  const cut = async ({ chance }) => {
    for (let times = chance.between(1, 5); times > 0; times -= 1) {
      proxy.cutNext(chance.of(['before', 'after', 'between']), 'evalsha');
      await sleep(chance.between(20, 100));
    }
    proxy.disarm();
  };
  const killed = async ({ chance }) => {
    await server.kill();
    await sleep(chance.between(100, 1_000));
    await server.start();
  };
  const blackHole = async ({ chance }) => {
    proxy.swallow();
    await sleep(chance.between(300, 1_500));
    proxy.heal();
  };
  const store = { url: `redis://127.0.0.1:${proxy.port}` };
  const steady = async () => undefined;
  return { store, masters: async () => [server], fails: { cut, killed, blackHole }, steady, losesWrites: false };
}

async function behindSentinel(own) {
  const { master, replicas, sentinels, store } = await startSentinels(own, { failoverTimeout: 3_000 });
  const servers = [master, ...replicas];
  const current = (among = servers) => masterNamed(among, sentinels);
  const others = (server) => servers.filter((one) => one !== server);
  const killed = async () => {
    const failing = await current();
    await failing.kill();
    const next = await current(others(failing));
    await failing.start({ args: ['--replicaof', `127.0.0.1 ${next.port}`] });
  };
  const hung = async () => {
    const failing = await current();
    failing.hang();
    await current(others(failing));
    failing.resume();
  };
  const steady = () => twoInStep(servers);
  return { store, masters: async () => [await current()], fails: { killed, hung }, steady, losesWrites: true };
}

async function inCluster(own) {
  const { nodes, store } = await startCluster(own);
  const roleOf = async ({ client }) => (await client.role())[0];
  const masters = async () => {
    const roles = await Promise.all(nodes.map(({ server }) => roleOf(server)));
    return nodes.filter((_, index) => roles[index] === 'master').map(({ server }) => server);
  };
  const steady = () =>
    until('a whole cluster with its replicas in step', async () => {
      const about = await Promise.all(
        nodes.map(async ({ server }) => [await server.client.call('CLUSTER', 'INFO'), await server.client.role()]),
      );
      const replicas = about.filter(([, [role, , , link]]) => role === 'slave' && link === 'connected');
      return replicas.length === 3 && about.every(([info]) => String(info).includes('cluster_state:ok'));
    });
  const threeLive = async (failing) => {
    const living = nodes.filter(({ server }) => server !== failing);
    const roles = await Promise.all(living.map(({ server }) => roleOf(server)));
    return roles.filter((role) => role === 'master').length === 3;
  };
  const killed = async ({ chance }) => {
    const failing = chance.of(await masters());
    await failing.kill();
    await until('a new master', () => threeLive(failing));
    await failing.start();
  };
  return { store, masters, fails: { killed }, steady, losesWrites: true };
}

export const PLACES = { 'one server': oneServer, Sentinel: behindSentinel, Cluster: inCluster };
