import { AuthConfigError } from '../../index.js';
import { duration, text, wholeNumber, type Environment } from './environment.js';

/** How the service is watched and stopped. */
export interface OperationConfig {
  /** Undefined: `/metrics` is on `PORT`, for this machine only. */
  readonly metricsPort: number | undefined;
  /** Milliseconds between saying that this instance goes, and taking no connection any more. */
  readonly shutdownDelay: number;
}

/** @throws AuthConfigError that names the setting */
export const operationConfig = (env: Environment, port: number): OperationConfig => ({
  metricsPort: metricsPort(env, port),
  shutdownDelay: duration(env, 'SHUTDOWN_DELAY', '0s', '5m'),
});

function metricsPort(env: Environment, port: number): number | undefined {
  if (text(env, 'METRICS_PORT') === undefined) return undefined;
  const own = wholeNumber(env, 'METRICS_PORT', 0, 1, 65_535);
  if (own === port) throw new AuthConfigError('METRICS_PORT is PORT; leave it out, or take another port');
  return own;
}
