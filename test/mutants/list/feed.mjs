const file = 'src/stores/redis/redis-revocation-feed.ts';
const writer = 'src/stores/redis/redis-feed-writer.ts';
const scripts = 'src/stores/redis/redis-feed-scripts.ts';

/** @type {import('../mutants.mjs').Area} */
export const feed = {
  file,
  tests: ['test/revocation/redis-revocation-feed.spec.ts'],
  mutants: [
    {
      name: 'after a break the feed is read on from the last position',
      find: '    } catch (error) {\n      this.windowRead = false;',
      replace: '    } catch (error) {',
      breaks: 'feed: after every reconnect the whole kept window is read, since new entries may bear lower ids',
    },
    {
      name: 'a store that went back is not noticed without a new connection',
      find: 'if (found.some(([entry], index) => entry?.[1][1] !== expected[index]![1])) this.windowRead = false;',
      replace: 'if (found.length > PAGE) this.windowRead = false;',
      breaks: 'feed: an instance that sees the stream go backwards publishes again what it holds',
    },
    {
      name: 'what was written here is not looked for where the stream is read',
      find: 'const expected = last[0] === START ? missed : [...missed, last];',
      replace: 'const expected = last[0] === START ? [] : missed.slice(0, 0).concat([last]);',
      breaks: 'feed: an instance that sees the stream go backwards publishes again what it holds',
    },
    {
      name: 'only the first page of the window is read',
      find: 'if (page.length < PAGE) break;',
      replace: 'break;',
      breaks: 'feed: the whole kept window is read at start',
    },
    {
      name: 'an entry that cannot be read is passed over',
      find: 'return this.unreadable.among(now) ? Infinity : now - this.knownAsOf;',
      replace: 'return now - this.knownAsOf;',
      breaks: 'feed: an instance that cannot tell whom to refuse counts as stale',
    },
    {
      name: 'knowledge counts as fresh while nothing is answered',
      find: 'return this.unreadable.among(now) ? Infinity : now - this.knownAsOf;',
      replace: 'return this.unreadable.among(now) ? Infinity : 0;',
      breaks: 'feed: the heartbeat measures how old the knowledge is',
    },
    {
      name: 'a publisher does not know what it published',
      find: 'this.subscriber?.receive(published);',
      replace: 'published.reverse();',
      breaks: 'feed: publish tells every instance, its own included, before it resolves',
    },
    {
      name: 'the feed is trimmed at half of its retention',
      file: scripts,
      find: '(tonumber(revocation.keepFor) or retention) <= now',
      replace: '(tonumber(revocation.keepFor) or retention) / 2 <= now',
      breaks: 'invariant 5: the stream keeps an entry for as long as it can matter',
    },
    {
      name: 'an instance with short access tokens shortens the expiry of the stream',
      file: scripts,
      find: "if redis.call('PTTL', key) < milliseconds then redis.call('PEXPIRE', key, milliseconds) end",
      replace: "redis.call('PEXPIRE', key, milliseconds)",
      breaks: 'fault: lowering ACCESS_TTL revives revoked tokens',
    },
    {
      name: 'an instance with short access tokens publishes for its own retention',
      file: writer,
      find: 'const keepFor = this.marks.longest(retention, this.storeTime());',
      replace: 'const keepFor = retention;',
      breaks: 'fault: lowering ACCESS_TTL revives revoked tokens',
    },
    {
      name: 'lost entries are published again without their effects',
      file: writer,
      tests: ['test/revocation/rolled-back-store.spec.ts'],
      find: 'await subscriber.lost(undone.slice(0, PAGE));',
      replace: '',
      breaks: 'fault: sessions ended before a rollback of the store come back',
    },
    {
      name: 'everything is repeated after each break, lost or not',
      file: writer,
      find: 'this.lost = lostRevocations(held, kept);',
      replace: 'this.lost = lostRevocations(held, []);',
      breaks: 'healing: only what is lost is repeated',
    },
  ],
};
