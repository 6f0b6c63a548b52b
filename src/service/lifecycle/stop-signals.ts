import { constants } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { Logger, type INestApplicationContext } from '@nestjs/common';
import { GracefulStop } from './graceful-stop.js';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
/** One Ctrl+C reaches a service below npm twice: from the terminal, and from npm, which passes it on. */
const ONE_STROKE = 1_000;

/**
 * Stops the service by SIGTERM or SIGINT, with exit code 0: readiness answers 503 at once, `delay` milliseconds later
 * no connection is taken any more, and what is under way is answered. A second signal ends the process where it is.
 *
 * Nest's own shutdown hooks would not do: they stop parts of the application before anybody could be told.
 */
export function stopOnSignals(app: INestApplicationContext, delay: number): void {
  const logger = new Logger('Keyturn');
  let askedAt: number | undefined;
  const stop = async (signal: string): Promise<void> => {
    app.get(GracefulStop, { strict: false }).drain();
    const rest = delay > 0 ? `, and requests are taken for ${delay / 1000} s more (SHUTDOWN_DELAY)` : '';
    logger.log(`Stopping by ${signal}: readiness says draining${rest}.`);
    await pause(delay);
    logger.log('No connection is taken any more; requests under way are answered.');
    await app.close();
    logger.log('Stopped.');
  };
  const onSignal = (signal: (typeof SIGNALS)[number]): void => {
    if (askedAt === undefined) {
      askedAt = performance.now();
      stop(signal).then(() => process.exit(0), fail);
    } else if (performance.now() - askedAt > ONE_STROKE) {
      logger.warn(`Ended where it was, by a second signal (${signal}).`);
      process.exit(128 + constants.signals[signal]);
    }
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
}

function fail(error: unknown): void {
  new Logger('Keyturn').error('The stop failed', error instanceof Error ? error.stack : String(error));
  process.exit(1);
}
