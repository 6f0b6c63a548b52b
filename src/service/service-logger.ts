import { ConsoleLogger } from '@nestjs/common';
import type { ServiceConfig } from './service.config.js';

/** What Nest tells of every module and route at a start; the start report says what an operator wants to know. */
const CHATTER: ReadonlySet<unknown> = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

export class ServiceLogger extends ConsoleLogger {
  constructor({ logFormat, logLevels }: Pick<ServiceConfig, 'logFormat' | 'logLevels'>) {
    super({ prefix: 'Keyturn', json: logFormat === 'json', logLevels });
  }

  override log(message: unknown, ...rest: unknown[]): void {
    if (!CHATTER.has(rest.at(-1))) super.log(message, ...rest);
  }
}
