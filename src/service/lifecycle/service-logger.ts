import { hostname } from 'node:os';
import { ConsoleLogger, type LogLevel } from '@nestjs/common';
import { AuthConfigError } from '../../index.js';
import type { ServiceConfig } from '../config/service.config.js';
import { forTerminal } from './for-terminal.js';

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

const LINE_BREAKS = /\r\n?|[\n\v\f\u0085\u2028\u2029]/g;

/** What log collectors call the levels that Nest has names of its own for. */
const LEVELS: Readonly<Record<string, string>> = { log: 'info', verbose: 'trace' };

export type LogSettings = Pick<ServiceConfig, 'logFormat' | 'logLevels'>;

export class ServiceLogger extends ConsoleLogger {
  /** @param version of the service, for each line of JSON */
  constructor(
    { logFormat, logLevels }: LogSettings,
    private readonly version?: string,
  ) {
    // Colours are for a terminal; in a file they are rubbish between the words.
    super({ prefix: 'Keyturn', json: logFormat === 'json', logLevels, colors: logFormat === 'text' && hasColours() });
  }

  /** RFC 3339 and UTC, as in JSON: a local date means another moment on the next machine. */
  protected override getTimestamp(): string {
    return new Date().toISOString();
  }

  override log(message: unknown, ...rest: unknown[]): void {
    if (!CHATTER.has(rest.at(-1))) super.log(message, ...rest);
  }

  override error(message: unknown, ...rest: unknown[]): void {
    const told = message instanceof AuthConfigError || /\blisten E[A-Z]+/.test(String(message));
    if (told && START_FAILURES.has(rest.at(-1))) return;
    super.error(message, ...rest);
  }

  /** What is logged may hold text of others: no line of it begins as a line of the log does, nor steers a terminal. */
  protected override stringifyMessage(message: unknown, level: LogLevel): string {
    // Of an object Node shows such signs as escapes by itself.
    const told = typeof message === 'string' ? forTerminal(message.replaceAll('\r\n', '\n')) : message;
    return super.stringifyMessage(told, level).replace(LINE_BREAKS, '\n    ');
  }

  /** What Nest gives as one line of JSON, in the terms of log collectors. */
  protected override stringifyJsonLogObject(record: Record<string, unknown>): string {
    return super.stringifyJsonLogObject(logLine(record, this.version));
  }
}

const hasColours = (): boolean => Boolean(process.stdout.isTTY) && !process.env.NO_COLOR;

/**
 * `time` (RFC 3339), `level`, `context` and `message`, always in this order, and which process it was. The members of an
 * object that was logged, such as an audit line, stand beside them, so that a query need not look inside; its `event` is
 * the message then.
 */
function logLine(
  { timestamp, level, context, message, pid, ...more }: Record<string, unknown>,
  version?: string,
): Record<string, unknown> {
  const isFields = typeof message === 'object' && message !== null && !Array.isArray(message);
  const fields: Record<string, unknown> = isFields ? { ...message } : {};
  const told = isFields ? (fields.message ?? fields.event ?? '') : message;
  const line = {
    time: new Date(timestamp as number).toISOString(),
    level: LEVELS[level as string] ?? level,
    context,
    message: told,
  };
  const process = { instance: `${hostname()}:${String(pid)}`, ...(version !== undefined && { version }) };
  return { ...line, ...fields, ...more, ...process, ...line };
}
