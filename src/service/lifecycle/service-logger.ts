import { ConsoleLogger } from '@nestjs/common';
import { AuthConfigError } from '../../index.js';
import type { ServiceConfig } from '../config/service.config.js';

/** What Nest tells of every module and route at a start; the start report says what an operator wants to know. */
const CHATTER: ReadonlySet<unknown> = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

/** Under which Nest logs what stops a start, some with a stack; the start says it in a sentence. */
const START_FAILURES: ReadonlySet<unknown> = new Set(['ExceptionHandler', 'NestApplication']);

export class ServiceLogger extends ConsoleLogger {
  constructor({ logFormat, logLevels }: Pick<ServiceConfig, 'logFormat' | 'logLevels'>) {
    super({ prefix: 'Keyturn', json: logFormat === 'json', logLevels });
  }

  override log(message: unknown, ...rest: unknown[]): void {
    if (!CHATTER.has(rest.at(-1))) super.log(message, ...rest);
  }

  override error(message: unknown, ...rest: unknown[]): void {
    const told = message instanceof AuthConfigError || /\blisten E[A-Z]+/.test(String(message));
    if (told && START_FAILURES.has(rest.at(-1))) return;
    super.error(message, ...rest);
  }

  /** What Nest gives as one line of JSON, in the terms of log collectors. */
  protected override stringifyJsonLogObject(record: Record<string, unknown>): string {
    return super.stringifyJsonLogObject(logLine(record));
  }
}

/**
 * `time` (RFC 3339), `level`, `context` and `message`, always in this order. The members of an object that was logged,
 * such as an audit line, stand beside them, so that a query need not look inside; its `event` is the message then.
 */
export function logLine({ timestamp, level, context, message, pid: _, ...more }: Record<string, unknown>) {
  const isFields = typeof message === 'object' && message !== null && !Array.isArray(message);
  const fields: Record<string, unknown> = isFields ? { ...message } : {};
  const told = isFields ? (fields.message ?? fields.event ?? '') : message;
  const line = { time: new Date(timestamp as number).toISOString(), level, context, message: told };
  return { ...line, ...fields, ...more, ...line };
}
