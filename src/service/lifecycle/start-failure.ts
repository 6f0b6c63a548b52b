import { AuthConfigError } from '../../index.js';
import { isProduction, text, type Environment } from '../config/environment.js';
import { forTerminal } from './for-terminal.js';
import { ServiceLogger } from './service-logger.js';

/** What an operator is told of an error that stopped the start: a sentence where it was expected, else all of it. */
function whyNotStarted(error: unknown): string {
  if (error instanceof AuthConfigError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/**
 * Tells why the service did not start, in the format that its log would have had: a line of JSON where collectors read it.
 * Of the environment alone, since the settings may be what is wrong.
 */
export function tellStartFailure(error: unknown, env: Environment, version: string): void {
  const told = `Keyturn did not start: ${whyNotStarted(error)}`;
  const format = text(env, 'LOG_FORMAT') ?? (isProduction(env) ? 'json' : 'text');
  if (format === 'json') {
    new ServiceLogger({ logFormat: 'json', logLevels: ['fatal'] }, version).fatal(told, 'Keyturn');
  } else process.stderr.write(`${forTerminal(told)}\n`);
}
