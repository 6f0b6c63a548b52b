import type { DynamicModule, FactoryProvider } from '@nestjs/common';
import {
  TokenRepository,
  type AdvanceCommand,
  type EndNote,
  type ExtendCommand,
  type HostClaims,
  type OpenCommand,
  type SessionClaimsCommand,
  type SessionEndReason,
} from '../../index.js';
import { ServiceMetrics } from './service-metrics.js';

const UNMEASURED = Symbol('the token repository, not measured');

/** The same store, with the time and the faults of each call told to the metrics. */
export function measured(store: DynamicModule): DynamicModule {
  const providers = (store.providers ?? []) as FactoryProvider[];
  const metered: FactoryProvider<TokenRepository> = {
    provide: TokenRepository,
    inject: [UNMEASURED, ServiceMetrics],
    useFactory: (repository: TokenRepository, metrics: ServiceMetrics) =>
      new MeasuredTokenRepository(repository, metrics),
  };
  const renamed = providers.map((one) => (one.provide === TokenRepository ? { ...one, provide: UNMEASURED } : one));
  return { ...store, providers: [...renamed, metered] };
}

export class MeasuredTokenRepository extends TokenRepository {
  readonly commandTimeout: number;

  constructor(
    private readonly inner: TokenRepository,
    private readonly metrics: ServiceMetrics,
  ) {
    super();
    this.commandTimeout = inner.commandTimeout;
  }

  open(command: OpenCommand) {
    return this.measure('open', this.inner.open(command));
  }

  find(sub: string, sid: string) {
    return this.measure('find', this.inner.find(sub, sid));
  }

  advance(command: AdvanceCommand) {
    return this.measure('advance', this.inner.advance(command));
  }

  extend(command: ExtendCommand) {
    return this.measure('extend', this.inner.extend(command));
  }

  end(sub: string, sids: readonly string[], reason: SessionEndReason, retention: number, note?: EndNote) {
    return this.measure('end', this.inner.end(sub, sids, reason, retention, note));
  }

  endBelow(sub: string, generation: number, reason: SessionEndReason, retention: number, note?: EndNote) {
    return this.measure('end_below', this.inner.endBelow(sub, generation, reason, retention, note));
  }

  override history(sub: string) {
    return this.measure('history', this.inner.history(sub));
  }

  list(sub: string) {
    return this.measure('list', this.inner.list(sub));
  }

  raiseGeneration(sub: string, target: number, keep: number) {
    return this.measure('raise_generation', this.inner.raiseGeneration(sub, target, keep));
  }

  changeClaims(sub: string, claims: HostClaims | null, keep: number) {
    return this.measure('change_claims', this.inner.changeClaims(sub, claims, keep));
  }

  setSessionClaims(command: SessionClaimsCommand) {
    return this.measure('set_session_claims', this.inner.setSessionClaims(command));
  }

  generationOf(sub: string) {
    return this.measure('generation_of', this.inner.generationOf(sub));
  }

  time() {
    return this.measure('time', this.inner.time());
  }

  private async measure<T>(op: string, asked: Promise<T>): Promise<T> {
    const since = performance.now();
    try {
      return await asked;
    } catch (error) {
      this.metrics.storeFailed(error);
      throw error;
    } finally {
      this.metrics.storeAnswered(op, performance.now() - since);
    }
  }
}
