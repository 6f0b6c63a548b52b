import { forTerminal } from './for-terminal.js';

describe('text of strangers on a terminal', () => {
  it.each([
    ['\u001b]0;mine\u0007', String.raw`\u001b]0;mine\u0007`],
    ['\u009b2J', String.raw`\u009b2J`],
    ['over\rwritten', String.raw`over\u000dwritten`],
    ['\u202Eevil', String.raw`\u202eevil`],
  ])('%j neither steers it nor is lost', (text, shown) => {
    expect(forTerminal(text)).toBe(shown);
  });

  it('is as it was where it only has letters of any script, emoji, tabs and lines', () => {
    const text = 'Käthes Läptop\t👩‍💻\nעברית';
    expect(forTerminal(text)).toBe(text);
  });
});
