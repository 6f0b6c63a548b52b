import { hostname } from 'node:os';
import { Logger } from '@nestjs/common';
import { ServiceLogger } from './service-logger.js';

describe('LOG_FORMAT=json', () => {
  let written: string[];
  beforeEach(() => {
    written = [];
    for (const stream of [process.stdout, process.stderr]) {
      jest.spyOn(stream, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    }
    Logger.overrideLogger(new ServiceLogger({ logFormat: 'json', logLevels: ['log', 'warn', 'error'] }, '1.2.3'));
  });
  afterEach(() => {
    jest.restoreAllMocks();
    Logger.overrideLogger(false);
  });
  const lines = () => written.map((line) => JSON.parse(line) as Record<string, unknown>);
  const process_ = { instance: `${hostname()}:${process.pid}`, version: '1.2.3' };
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);

  it('is one line with time, level, context and message, and which process it was', () => {
    new Logger('Keyturn').warn('Two\nlines');
    expect(written.join('').split('\n')).toHaveLength(2);
    expect(lines()).toEqual([{ time, level: 'warn', context: 'Keyturn', message: 'Two\nlines', ...process_ }]);
  });

  it('has the fields of what was logged as members, which cannot pass for the line itself', () => {
    new Logger('Audit').log({ event: 'session.ended', sid: 's', level: 'error', time: 0, version: '9' });
    expect(lines()).toEqual([
      {
        time,
        level: 'info',
        context: 'Audit',
        message: 'session.ended',
        event: 'session.ended',
        sid: 's',
        ...process_,
      },
    ]);
  });

  it('keeps the stack of an error', () => {
    new Logger('Keyturn').error('It broke', 'Error: It broke\n    at here');
    expect(lines()).toEqual([
      {
        time,
        level: 'error',
        context: 'Keyturn',
        message: 'It broke',
        stack: 'Error: It broke\n    at here',
        ...process_,
      },
    ]);
  });
});

describe('LOG_FORMAT=text', () => {
  it.each(['\n', '\r', '\r\n', '\u2028', '\u0085'])(
    'lets no text of others begin a line as the log does, after %j',
    (lineBreak) => {
      const out = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
      const forged = `kid x${lineBreak}[Keyturn] 1  - 2026-01-01T00:00:00.000Z     LOG [Audit] session.opened`;
      new ServiceLogger({ logFormat: 'text', logLevels: ['log'] }).log(forged, 'Keyturn');
      const text = out.mock.calls.map(([line]) => String(line)).join('');
      jest.restoreAllMocks();
      expect(text.split(/[\n\r\u2028\u0085]/).filter((line) => line.startsWith('[Keyturn]'))).toHaveLength(1);
    },
  );

  it('lets no text of others steer the terminal of who reads it', () => {
    const out = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    new ServiceLogger({ logFormat: 'text', logLevels: ['log'] }).log('kid \u001b]0;mine\u0007', 'Keyturn');
    const text = out.mock.calls.map(([line]) => String(line)).join('');
    jest.restoreAllMocks();
    expect(text).toContain(String.raw`kid \u001b]0;mine\u0007`);
  });

  it('has dates that mean the same everywhere, and no colours in what is no terminal', () => {
    const out = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    new ServiceLogger({ logFormat: 'text', logLevels: ['log'] }).log('It goes', 'Keyturn');
    const text = out.mock.calls.map(([line]) => String(line)).join('');
    jest.restoreAllMocks();
    expect(text).toMatch(/^\[Keyturn\] \d+ {2}- \d{4}-\d\d-\d\dT[\d:.]+Z +LOG \[Keyturn\] It goes\n$/);
  });
});
