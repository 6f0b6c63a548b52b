import { AUTH_ERRORS, AuthConfigError } from '../auth.errors.js';
import { HOST_EXTENSION_OPTIONS } from './host-extensions.js';
import { checkOptions } from './option-table.js';

const hostExtensions = (given: object) => checkOptions(HOST_EXTENSION_OPTIONS, given);

const row = (status: number) => ({ status, meaning: 'The order is closed.', client: 'Make a new order.' });

describe("a host's error codes", () => {
  it('stand beside those of Keyturn', () => {
    expect(hostExtensions({ errorCodes: { order_closed: row(409) } }).errorCodes).toEqual({
      ...AUTH_ERRORS,
      order_closed: row(409),
    });
  });

  it.each([
    ['OrderClosed', 409, /is no code/],
    ['order closed', 409, /is no code/],
    ['', 409, /is no code/],
    ['token_expired', 403, /is a code of Keyturn/],
    ['order_closed', 200, /from 400 to 599/],
    ['order_closed', 409.5, /from 400 to 599/],
  ])('are refused as %j with status %d, because a client would misread the answer', (code, status, sentence) => {
    const start = () => hostExtensions({ errorCodes: { [code]: row(status) } });
    expect(start).toThrow(AuthConfigError);
    expect(start).toThrow(sentence);
  });
});

it.each([
  [{ errorCodes: { order_closed: null } }, /errorCodes cannot be used: the status of 'order_closed'/],
  [{ errorCodes: 'order_closed' }, /^errorCodes must be an object/],
  [{ errorCodes: [] }, /^errorCodes must be an object/],
  [{ auditFields: 'orderId' }, /^auditFields must be an object/],
  [{ auditFields: { orderId: null } }, /^auditFields must be an object/],
])('%j is refused by the name of the option', (given, sentence) => {
  expect(() => hostExtensions(given)).toThrow(sentence);
});

it('keepAddress must be a function, because a word such as none would keep everything', () => {
  expect(() => hostExtensions({ keepAddress: 'none' })).toThrow(/keepAddress must be a function/);
});
