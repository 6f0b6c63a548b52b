/** A user's `sub` has at most this many characters, so a longer text names no user. */
const LONGEST_SUBJECT = 255;

/**
 * Under what name store and feed know a client that has tokens of its own. No user can have this name, whatever
 * `sub` the host gives: it is longer than a `sub` may be.
 */
export const machineSubject = (clientId: string): string => `client ${clientId}`.padEnd(LONGEST_SUBJECT + 1);
