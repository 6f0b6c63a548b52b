import { Global, Module } from '@nestjs/common';
import { AuthObserver } from '../../index.js';
import { MetricsServer } from './metrics-server.js';
import { ServiceMetrics } from './service-metrics.js';
import { StateGauges } from './state-gauges.js';

/** Global, since guard and refresh route look for an observer there. */
@Global()
@Module({
  providers: [ServiceMetrics, StateGauges, MetricsServer, { provide: AuthObserver, useExisting: ServiceMetrics }],
  exports: [ServiceMetrics, AuthObserver],
})
export class MetricsModule {}
