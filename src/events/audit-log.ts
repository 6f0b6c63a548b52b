import { ConsoleLogger, Logger } from '@nestjs/common';
import type { AuditFields } from '../auth.extensions.js';
import type { AuthEvent, AuthEvents } from './auth.events.js';
import { AuditLine } from './audit-line.js';

type Level = 'debug' | 'log' | 'warn';

/** What happens at every refresh is told only to who asks for it; what may be an attack or a loss stands out. */
const LEVELS: Partial<Record<AuthEvent['type'], Level>> = {
  'token.refreshed': 'debug',
  'token.renewed': 'debug',
  'token.reused': 'warn',
  'login.limited': 'warn',
  'store.rollback_detected': 'warn',
};

/** Writes every event to the log, in the context `Audit`. */
export class AuditLog {
  private readonly logger = new Logger('Audit');

  /** @param fields of the host's own events, see the option `auditFields` */
  constructor(events: AuthEvents, fields: AuditFields = {}) {
    events.listen((event) => {
      const level = LEVELS[event.type] ?? 'log';
      if (!isDropped(level)) this.logger[level](new AuditLine(event, fields));
    });
  }
}

/**
 * Whether Nest's own logger drops a line of a level: then the line is not made, which is a twentieth of a refresh. A logger
 * with a method of its own is always asked, since it may know other levels.
 */
function isDropped(level: Level): boolean {
  const { staticInstanceRef: logger } = Logger as unknown as { readonly staticInstanceRef?: ConsoleLogger };
  return logger?.[level] === ConsoleLogger.prototype[level] && !logger.isLevelEnabled(level);
}
