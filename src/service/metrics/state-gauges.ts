import { Inject, Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { AUTH_POLICY, AuthClock, KeyRing, RevocationFeed, Revocations, type AuthPolicy } from '../../index.js';
import { Database } from '../database/database.js';
import { Readiness } from '../health/readiness.js';
import { RedisConnections } from '../health/redis-connections.js';
import { HashQueue } from '../accounts/hash-queue.js';
import { ServiceMetrics } from './service-metrics.js';

/** DI token of the service's version. */
export const SERVICE_VERSION = Symbol('version of the service');

/** How things stand, looked up when they are asked for and not before. Each look is into memory. */
@Injectable()
export class StateGauges {
  constructor(
    @Inject(ServiceMetrics) { registry }: ServiceMetrics,
    @Inject(RevocationFeed) feed: RevocationFeed,
    @Inject(AuthClock) clock: AuthClock,
    @Inject(HashQueue) queue: HashQueue,
    @Inject(KeyRing) keys: KeyRing,
    @Inject(RedisConnections) redis: RedisConnections,
    @Inject(AUTH_POLICY) policy: AuthPolicy,
    @Inject(Revocations) revocations: Revocations,
    @Inject(Database) database: Database,
    @Inject(Readiness) readiness: Readiness,
    @Inject(SERVICE_VERSION) version: string,
  ) {
    const gauge = (name: string, help: string, read: () => number): void => {
      void new Gauge({
        name,
        help,
        registers: [registry],
        collect() {
          this.set(read());
        },
      });
    };
    gauge(
      'keyturn_feed_staleness_seconds',
      'How old the knowledge of revocations is at most',
      () => feed.staleness() / 1000,
    );
    gauge(
      'keyturn_clock_offset_seconds',
      "By how much the session store's clock is ahead of this machine's",
      () => clock.storeOffset / 1000,
    );
    gauge('keyturn_hash_queue', 'Passwords that wait to be hashed', () => queue.length);
    new Gauge({
      name: 'keyturn_build_info',
      help: 'Always 1: the version of the service, and that of Node',
      labelNames: ['version', 'node'],
      registers: [registry],
    }).set({ version, node: process.versions.node }, 1);
    gauge('keyturn_ready', '1 while requests should be sent here, as GET /health/ready says', () =>
      Number(readiness.state === 'ready'),
    );
    const parts: Readonly<Record<string, () => boolean>> = {
      ...(policy.keepsSessions && { store: () => redis.troubleOf('store') === null }),
      users: () => database.fault === null,
      feed: () => !revocations.isStale(),
    };
    void new Gauge({
      name: 'keyturn_part_up',
      help: '1 for each part of the service that answers: store (sessions), users, feed (revocations)',
      labelNames: ['part'],
      registers: [registry],
      collect() {
        for (const [part, isUp] of Object.entries(parts)) this.set({ part }, Number(isUp()));
      },
    });
    void new Gauge({
      name: 'keyturn_postgres_connections',
      help: 'Connections to the users database: busy, idle; and callers that wait for one',
      labelNames: ['state'],
      registers: [registry],
      collect() {
        for (const [state, count] of Object.entries(database.connections)) this.set({ state }, count);
      },
    });
    void new Gauge({
      name: 'keyturn_redis_fault_info',
      help: '1 while a connection to Redis is missing: which, where to, and why',
      labelNames: ['connection', 'address', 'reason'],
      registers: [registry],
      collect() {
        this.reset();
        for (const connection of ['store', 'feed'] as const) {
          const trouble = redis.troubleOf(connection);
          const { address = '', kind = 'none' } = trouble ?? {};
          this.set({ connection, address, reason: kind }, trouble ? 1 : 0);
        }
      },
    });
    void new Gauge({
      name: 'keyturn_key_info',
      help: 'Each key of the ring, by its kid and what it does now: sign, verify, wait for its time, nothing any more',
      labelNames: ['kid', 'state'],
      registers: [registry],
      collect() {
        this.reset();
        for (const { kid, state } of keys.list(clock.now())) this.set({ kid, state }, 1);
      },
    });
  }
}
