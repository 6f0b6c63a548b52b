import { tellStartFailure } from './start-failure.js';

describe('a start that failed', () => {
  it('is told without what would steer the terminal: a server may have written a part of the sentence', () => {
    const out = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    tellStartFailure(new Error('refused: \u001b[2J'), { LOG_FORMAT: 'text' }, '1.2.3');
    const told = out.mock.calls.map(([text]) => String(text)).join('');
    jest.restoreAllMocks();
    expect(told).toContain(String.raw`refused: \u001b[2J`);
    expect(told).not.toContain('\u001b');
  });
});
