import type { RedisFacts } from './redis-warnings.js';
import { redisWarnings } from './redis-warnings.js';

/** As Keyturn wants it. */
const WELL: RedisFacts = {
  server: '10.0.0.1:6379',
  behindSentinel: true,
  version: '6.2.0',
  isReplica: false,
  replicas: 2,
  maxmemory: 1_000_000,
  maxmemoryPolicy: 'noeviction',
  minReplicasToWrite: 1,
  appendOnly: true,
  appendFsync: 'everysec',
  savesSnapshots: true,
};
const warningsOf = (changes: Partial<RedisFacts>): string[] => redisWarnings([{ ...WELL, ...changes }]);

describe('redisWarnings', () => {
  it('says nothing of a server that is set as it should be', () => {
    expect(redisWarnings([WELL])).toEqual([]);
  });

  it.each<[string, Partial<RedisFacts>, RegExp]>([
    ['drops keys of its choice', { maxmemoryPolicy: 'allkeys-lru' }, /is allkeys-lru: .*logged out.* noeviction/],
    ['drops keys with an expiry, as all of ours have', { maxmemoryPolicy: 'volatile-ttl' }, /is volatile-ttl: /],
    ['has Sentinels, and confirms what no replica has', { minReplicasToWrite: 0, replicas: 0 }, /to-write 1 /],
    ['has replicas, and confirms what none has', { minReplicasToWrite: 0, behindSentinel: false }, /to-write 1 /],
    ['keeps nothing on disk', { appendOnly: false, savesSnapshots: false }, /logs everyone out\. Set appendonly yes/],
    ['keeps snapshots only', { appendOnly: false }, /since the last one, and brings back .*Set appendonly yes/],
    ['hides whether it keeps snapshots', { appendOnly: false, savesSnapshots: undefined }, /\(or everyone, if/],
    ['never asks for its file to be written', { appendFsync: 'no' }, /30 seconds .*Set appendfsync everysec/],
    ['is too old', { version: '6.0.16' }, /Redis 6\.0\.16 .*6\.2 or later/],
    ['is far too old', { version: '5.9.9' }, /6\.2 or later/],
    ['tells nothing', { maxmemory: undefined, maxmemoryPolicy: undefined }, /\+info and \+config\|get/],
  ])('warns of a server that %s', (_case, changes, sentence) => {
    expect(warningsOf(changes)).toEqual([expect.stringMatching(sentence)]);
  });

  it.each<[string, Partial<RedisFacts>]>([
    ['a policy for a memory without limit, which never acts', { maxmemory: 0, maxmemoryPolicy: 'allkeys-lru' }],
    ['a lone server without replicas', { minReplicasToWrite: 0, replicas: 0, behindSentinel: false }],
    ['appendfsync where there is no file', { appendOnly: undefined, appendFsync: 'no' }],
    ['a version of two digits', { version: '10.0.1' }],
    ['the version after', { version: '7.0.15' }],
    ['a version in other words', { version: 'unstable' }],
    ['what the server does not tell', { version: undefined, minReplicasToWrite: undefined, appendOnly: undefined }],
  ])('does not warn of %s', (_case, changes) => {
    expect(warningsOf(changes)).toEqual([]);
  });

  it('says of a replica only that it is one, because the settings that count are those of its master', () => {
    const warnings = warningsOf({ isReplica: true, maxmemoryPolicy: 'allkeys-lru', appendOnly: false });

    expect(warnings).toEqual([expect.stringMatching(/is a replica: .*Name the master/)]);
  });

  it('tells each thing once, and of which masters where not of all', () => {
    const second = { ...WELL, server: '10.0.0.2:6379' };
    const evicting = { ...second, maxmemoryPolicy: 'allkeys-lfu', appendFsync: 'no' };

    const warnings = redisWarnings([{ ...WELL, appendFsync: 'no' }, evicting]);

    expect(warnings).toEqual([
      expect.stringMatching(/^appendfsync is no/),
      expect.stringMatching(/^10\.0\.0\.2:6379: maxmemory-policy is allkeys-lfu/),
    ]);
  });
});
