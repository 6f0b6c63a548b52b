import { isTooDeep, isWellFormed } from './json-bodies.js';

describe('well-formed Unicode in a JSON value', () => {
  it.each([null, true, 7, '', 'ann', '😀', '\u0000', [], {}, { a: ['b', { c: '😀' }] }])('is found in %j', (value) => {
    expect(isWellFormed(value)).toBe(true);
  });

  it.each([
    ['half a character', '\ud800'],
    ['its other half', 'a\udc00b'],
    ['the halves in the wrong order', '\udc00\ud800'],
    ['one in a list', [['x', '\udbff']]],
    ['one in a field', { a: { b: '\udfff' } }],
    ['one in the name of a field', { a: { '\ud800': 1 } }],
  ])('is not found in %s', (_, value) => {
    expect(isWellFormed(value)).toBe(false);
  });
});

describe('the nesting of a JSON text', () => {
  const nested = (depth: number, inner = '1') => '['.repeat(depth) + inner + ']'.repeat(depth);

  it.each([
    ['none', '"a"'],
    ['as much as is allowed', nested(32)],
    ['much side by side', `[${Array.from({ length: 1000 }, () => '{"a":[]}').join(',')}]`],
    ['brackets in a text', JSON.stringify({ a: '['.repeat(100) })],
    ['brackets after a quote in a text', JSON.stringify({ a: `"\\"${'{'.repeat(100)}` })],
    ['what is no JSON', ']'.repeat(100)],
  ])('is taken: %s', (_, text) => expect(isTooDeep(text)).toBe(false));

  it.each([
    ['one level too many', nested(33)],
    ['objects', '{"a":'.repeat(33) + '1' + '}'.repeat(33)],
    ['behind a text that ends in a backslash', `["\\\\",${nested(32)}]`],
    ['what never ends', '['.repeat(16_000)],
  ])('is refused: %s', (_, text) => expect(isTooDeep(text)).toBe(true));
});
