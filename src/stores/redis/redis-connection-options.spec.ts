import { AuthConfigError } from '../../auth.errors.js';
import { redisSettings } from './redis-connection-options.js';

const server = (changes: object) => ({ host: 'redis', port: 6379, db: 0, tls: false, ...changes });

describe('options of the Redis module', () => {
  it('has defaults for all but the place', () => {
    expect(redisSettings({ url: 'redis://redis' })).toEqual({
      at: { kind: 'server', servers: [server({})] },
      keyPrefix: 'kt:',
      commandTimeout: 500,
    });
  });

  it.each([
    ['redis://redis:7000', { port: 7000 }],
    ['redis:7000', { port: 7000 }],
    ['redis://redis/3', { db: 3 }],
    ['rediss://redis', { tls: true }],
    ['redis://:p%40ss%2Fword@redis', { password: 'p@ss/word' }],
    ['redis://app:secret@redis', { username: 'app', password: 'secret' }],
    ['redis://[::1]:7000', { host: '::1', port: 7000 }],
  ])('reads %s', (url, changes) => {
    expect(redisSettings({ url }).at).toEqual({ kind: 'server', servers: [server(changes)] });
  });

  it('reads Sentinels and cluster nodes, each with its own default port', () => {
    expect(redisSettings({ sentinels: ['redis', 'redis://redis:5000'], sentinelName: 'main' }).at).toEqual({
      kind: 'sentinels',
      servers: [server({ port: 26379 }), server({ port: 5000 })],
      name: 'main',
    });
    expect(redisSettings({ cluster: ['redis', 'redis:7001'] }).at).toEqual({
      kind: 'cluster',
      servers: [server({}), server({ port: 7001 })],
    });
  });

  it.each<[string, object, RegExp]>([
    ['no place at all', {}, /exactly one of url, client, sentinels, cluster; given: none/],
    ['two places', { url: 'redis://a', cluster: ['b'] }, /exactly one of .*given: url, cluster/],
    ['Sentinels without the name they watch', { sentinels: ['a'] }, /^sentinelName must be given with sentinels/],
    [
      'a watched name without Sentinels',
      { url: 'redis://a', sentinelName: 'main' },
      /^sentinelName has no effect without sentinels/,
    ],
    ['an empty list', { cluster: [] }, /cluster must list at least one server/],
    ['a list that is a text', { cluster: 'a,b' }, /cluster must be a list/],
    ['a database in a cluster', { cluster: ['redis://a/1'] }, /cluster has no databases/],
    ['a scheme that is not of Redis', { url: 'http://a' }, /url must name a server/],
    ['options of the client in the URL', { url: 'redis://a?lazyConnect=true' }, /url must name a server/],
    ['a path that is no database', { url: 'redis://a/main' }, /url must name a server/],
    ['nothing in the URL', { url: '' }, /url must name a server/],
    ['a password put in as it is, with a %', { url: 'redis://:50%off@a' }, /url must name a server.*as %XX/],
    ['an unknown option', { url: 'redis://a', prefix: 'x' }, /prefix/],
    ['a timeout without a unit', { url: 'redis://a', commandTimeout: 500 }, /commandTimeout/],
    ['a timeout below its range', { url: 'redis://a', commandTimeout: '49ms' }, /commandTimeout.*50ms to 5s/],
    ['a timeout above its range', { url: 'redis://a', commandTimeout: '6s' }, /commandTimeout.*50ms to 5s/],
    ['braces in the prefix, which decide the slot', { url: 'redis://a', keyPrefix: '{app}:' }, /keyPrefix/],
    ['an authority without TLS', { url: 'redis://a', ca: 'PEM' }, /ca has no effect/],
  ])('refuses %s and names it', (_case, options, sentence) => {
    expect(() => redisSettings(options)).toThrow(AuthConfigError);
    expect(() => redisSettings(options)).toThrow(sentence);
  });

  it('never prints a password, however wrong the URL is', () => {
    let message = '';
    try {
      redisSettings({ url: 'redis://app:hunter2@redis:port' });
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain('url must name a server');
    expect(message).not.toContain('hunter2');
  });

  it.each([
    ['of node-redis', { isReady: true, duplicate: () => undefined, sendCommand: () => undefined }],
    ['that is an address', 'redis://localhost'],
    ['that is nothing', null],
  ])('a client %s is refused with a sentence, because it would fail at the first command', (_, client) => {
    expect(() => redisSettings({ client: client as never })).toThrow(/^client must be a client of ioredis/);
  });
});
