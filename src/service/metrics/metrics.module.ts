import { Global, Module } from '@nestjs/common';
import { AuthObserver } from '../../index.js';
import { Readiness } from '../health/readiness.js';
import { RedisConnections } from '../health/redis-connections.js';
import { MetricsServer } from './metrics-server.js';
import { ServiceMetrics } from './service-metrics.js';
import { OutboxGauges } from './outbox-gauges.js';
import { StateGauges } from './state-gauges.js';

/** Global, since guard and refresh route look for an observer there. */
@Global()
@Module({
  providers: [
    Readiness,
    RedisConnections,
    ServiceMetrics,
    StateGauges,
    OutboxGauges,
    MetricsServer,
    { provide: AuthObserver, useExisting: ServiceMetrics },
  ],
  exports: [Readiness, RedisConnections, ServiceMetrics, AuthObserver],
})
export class MetricsModule {}
