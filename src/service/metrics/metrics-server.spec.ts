import { Logger } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { freePort } from '../../../test/support/redis-server.js';
import { call } from '../../../test/support/service.js';
import { AuthEvents } from '../../index.js';
import { MetricsServer } from './metrics-server.js';
import { ServiceMetrics } from './service-metrics.js';

const host = '127.0.0.1';

describe('METRICS_PORT', () => {
  let server: MetricsServer;
  let url: string;
  let collect: () => void;
  let logged: jest.SpyInstance;
  beforeEach(async () => {
    logged = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    collect = () => undefined;
    const metrics = new ServiceMetrics(new AuthEvents());
    void new Gauge({ name: 'a_gauge', help: 'Of this test', registers: [metrics.registry], collect: () => collect() });
    const metricsPort = await freePort();
    url = `http://${host}:${metricsPort}/metrics`;
    server = new MetricsServer({ host, metricsPort, oauthPath: '' }, metrics);
    await server.onApplicationBootstrap();
  });
  afterEach(() => {
    server.onApplicationShutdown();
    logged.mockRestore();
  });

  it('answers 500 where a metric cannot be read, so that the process does not end for it', async () => {
    collect = () => {
      throw new TypeError('postgres://u:hunter2@db');
    };
    const { status, body } = await call(url);
    expect({ status, body }).toEqual({ status: 500, body: null });
    expect(logged.mock.calls).toEqual([['The metrics could not be read (TypeError).']]);

    collect = () => undefined;
    expect((await call(url)).status).toBe(200);
  });
});
