import { ConsoleLogger, Logger, type LoggerService } from '@nestjs/common';
import { startLibrary } from '../../test/support/auth-library.js';
import { AuthEvents } from './auth.events.js';
import type { AuditLine } from './audit-line.js';
import { AuditLog } from './audit-log.js';

describe('the audit log', () => {
  let lines: { level: string; event: string; context: unknown }[] = [];
  const at = (level: string) => (line: AuditLine, context: unknown) =>
    lines.push({ level, event: line.event, context });
  beforeEach(() => {
    lines = [];
    Logger.overrideLogger({ debug: at('debug'), log: at('log'), warn: at('warn'), error: at('error') });
  });
  afterEach(() => Logger.overrideLogger(false));

  const levelOf = (event: Parameters<AuthEvents['emit']>[0]) => {
    const events = new AuthEvents();
    void new AuditLog(events);
    events.emit(event);
    return lines.map(({ level }) => level);
  };
  const session = { sub: 'ann', sid: 's', clientId: 'default' };

  it('whispers what happens at every refresh, so that a busy service can leave it out by its log level', () => {
    expect(levelOf({ type: 'token.refreshed', ...session, seq: 1 })).toEqual(['debug']);
    lines = [];
    expect(levelOf({ type: 'token.renewed', ...session })).toEqual(['debug']);
  });

  it('raises its voice for what may be a theft, and for a store that lost its last writes', () => {
    expect(levelOf({ type: 'token.reused', ...session, seq: 0, distance: 1, age: 9 })).toEqual(['warn']);
    lines = [];
    expect(levelOf({ type: 'store.rollback_detected', ...session, tokenSeq: 3, recordSeq: 1 })).toEqual(['warn']);
  });

  it('says the rest in an ordinary voice', () => {
    expect(levelOf({ type: 'session.opened', ...session })).toEqual(['log']);
  });

  describe('a line that nobody will see', () => {
    class OwnLogger extends ConsoleLogger {
      override debug(): void {}
    }
    /** Whether a line is made for a refresh; a line reads the fields of the host. */
    const isMadeFor = (logger: LoggerService | false): boolean => {
      Logger.overrideLogger(logger);
      let made = false;
      const fields = {
        get shop() {
          made = true;
          return 'shop';
        },
      };
      const events = new AuthEvents();
      void new AuditLog(events, fields);
      events.emit({ type: 'token.refreshed', ...session, seq: 1 });
      return made;
    };

    it("is not made where Nest's logger drops its level", () => {
      expect(isMadeFor(new ConsoleLogger('', { logLevels: ['log', 'error'] }))).toBe(false);
    });

    it('is made for a logger that may know other levels than it says', () => {
      expect(isMadeFor(new OwnLogger('', { logLevels: ['log', 'error'] }))).toBe(true);
      expect(isMadeFor({ debug: () => {}, log: () => {}, warn: () => {}, error: () => {} })).toBe(true);
    });
  });

  it('is on in every application of the library, in a context that can be filtered by', async () => {
    const { sessions } = await startLibrary();
    // Nest's testing module has put its own logger in place.
    Logger.overrideLogger({ log: at('log'), warn: at('warn'), error: at('error') });
    await sessions.open({ sub: 'ann' });
    expect(lines).toEqual([{ level: 'log', event: 'session.opened', context: 'Audit' }]);
  });
});
