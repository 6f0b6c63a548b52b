/** A user's `sub` has at most this many characters. */
export const LONGEST_SUBJECT = 255;

/** The text made longer than a `sub` may be: then it is the name of no user, whatever `sub` the host gives. */
export const noUsersName = (text: string): string => text.padEnd(LONGEST_SUBJECT + 1);
