import { checkSubject } from '../sessions/subjects.js';
import { legacySubject, usedTokenName } from './legacy-names.js';
import { machineSubject } from './machine-subject.js';

describe('the names that store and feed know beside those of users', () => {
  it.each([
    ['a machine', machineSubject('')],
    ['the former tokens of a user', legacySubject('')],
    ['a used token', usedTokenName('')],
  ])('of %s can be given to no user, whose logout would then end what is not theirs', (_of, name) => {
    expect(() => checkSubject('a'.repeat(255))).not.toThrow();
    expect(() => checkSubject(name)).toThrow('sub must be a well-formed text of 1 to 255 characters.');
  });
});
