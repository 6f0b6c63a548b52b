import { isWellFormed } from './json-bodies.js';

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
