import { Logger } from '@nestjs/common';
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
    events.listen((event) => this.logger[LEVELS[event.type] ?? 'log'](new AuditLine(event, fields)));
  }
}
