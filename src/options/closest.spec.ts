import { closest } from './closest.js';

const KNOWN = ['ACCESS_TTL', 'AUTH_KEYS', 'AUTH_KEYS_FILE', 'PORT', 'DOCS', 'TLS'];

describe('the name that somebody most likely meant', () => {
  it.each([
    ['a letter is missing', 'ACESS_TTL', 'ACCESS_TTL'],
    ['a letter is too many', 'ACCESSS_TTL', 'ACCESS_TTL'],
    ['a letter is another one', 'ACCESS_TTK', 'ACCESS_TTL'],
    ['two neighbours are swapped', 'ACCESS_TLT', 'ACCESS_TTL'],
    ['neighbours at the beginning are swapped, which is one slip of a short name', 'OPRT', 'PORT'],
    ['there are two slips in a long name, far from each other', 'CCESS_TT', 'ACCESS_TTL'],
    ['letters are small', 'access_ttl', 'ACCESS_TTL'],
  ])('is found where %s', (_case, name, meant) => {
    expect(closest(name, KNOWN)).toBe(meant);
  });

  it.each([
    ['three slips', 'CCES_TT'],
    ['two slips in a short name', 'ROPS'],
    ['a slip in a name that is short enough to be another word', 'TLSS'],
    ['the same letters in another order', 'SYEK_HTUA'],
    ['nothing in common', 'HOSTNAME'],
  ])('is not found where there is %s', (_case, name) => {
    expect(closest(name, KNOWN)).toBeUndefined();
  });

  it('is the nearest, and of equally near ones the first', () => {
    expect(closest('AUTH_KEY', ['AUTH_KIT', 'AUTH_KEYS', 'AUTH_KEYX'])).toBe('AUTH_KEYS');
  });
});
