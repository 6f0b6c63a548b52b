import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { Outbox } from '../outbox/outbox.js';
import { ServiceMetrics } from './service-metrics.js';

/** What the outbox has not delivered, as its last sweep found it, and how its attempts ended. */
@Injectable()
export class OutboxGauges {
  constructor(@Inject(ServiceMetrics) { registry }: ServiceMetrics, @Inject(Outbox) outbox: Outbox) {
    void new Gauge({
      name: 'keyturn_outbox_entries',
      help: 'Deliveries that wait, and those that were given up, as this instance last found them',
      labelNames: ['topic', 'state'],
      registers: [registry],
      collect() {
        this.reset();
        for (const topic of outbox.topics) {
          const { waiting = 0, undeliverable = 0 } = outbox.counts.find((one) => one.topic === topic) ?? {};
          this.set({ topic, state: 'waiting' }, waiting);
          this.set({ topic, state: 'undeliverable' }, undeliverable);
        }
      },
    });
    void new Counter({
      name: 'keyturn_outbox_attempts_total',
      help: 'Attempts to deliver, by how they ended',
      labelNames: ['topic', 'outcome'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [topic, { delivered, failed }] of outbox.tallies) {
          this.inc({ topic, outcome: 'delivered' }, delivered);
          this.inc({ topic, outcome: 'failed' }, failed);
        }
      },
    });
  }
}
