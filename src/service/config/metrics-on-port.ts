import type { ServiceConfig } from './service.config.js';

/**
 * Whether `/metrics` is on `PORT`. Not where a proxy may stand in front: one on this machine that adds no header looks
 * as if this machine itself asked, and would show the metrics to everybody.
 */
export const showsMetricsOnPort = (config: Pick<ServiceConfig, 'production' | 'metricsPort' | 'trustProxy'>): boolean =>
  config.metricsPort === undefined && !config.production && config.trustProxy.length === 0;
