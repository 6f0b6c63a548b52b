/** Control characters but tab and line feed, and what turns the direction of text. */
const STEERS = /[^\P{Cc}\t\n]|[\u202A-\u202E\u2066-\u2069]/gu;

/**
 * Text that may hold what strangers wrote (addresses, names of devices, answers of servers), for a terminal: escape
 * sequences would rename its window, move its cursor, or hide lines.
 * @example forTerminal('\u001b]0;mine\u0007') === '\\u001b]0;mine\\u0007'
 */
export const forTerminal = (text: string): string =>
  text.replace(STEERS, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
