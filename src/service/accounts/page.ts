import { AuthError } from '../../index.js';

/** Which part of a list is asked for. */
export interface PageRequest {
  /** How many at most. */
  readonly limit: number;
  /** The `next` of the page before; absent or empty: the first page. */
  readonly after?: string | undefined;
}

/** A part of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** What to give as `after` for the page that follows; absent on the last one. */
  readonly next?: string;
}

/** The longest address of 254 characters, in base64url, fits. */
export const MAX_CURSOR = 2048;

/** Text for clients to hand back, and not to read: which list it is of, and the last place that was shown. */
export const cursorOf = (list: string, place: readonly string[]): string =>
  Buffer.from(JSON.stringify([list, ...place])).toString('base64url');

/**
 * Reads a cursor.
 * @param parts how each part of a place of this list is spelled
 * @returns null for the first page
 * @throws AuthError `invalid_request` for text that is no cursor of this list
 */
export function placeOf(list: string, after: string | undefined, parts: readonly RegExp[]): readonly string[] | null {
  if (after === undefined || after === '') return null;
  const read = parsed(after);
  const fits =
    Array.isArray(read) &&
    read.length === parts.length + 1 &&
    read[0] === list &&
    parts.every((part, index) => typeof read[index + 1] === 'string' && part.test(read[index + 1] as string));
  if (fits) return read.slice(1) as string[];
  const fault = 'after must be the next of an answer to the same question';
  throw new AuthError('invalid_request', `The request is not valid: ${fault}.`, { details: [fault] });
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return null;
  }
}

/**
 * The page of what was read.
 * @param read in order; one more than the limit where there is more
 */
export function pageOf<T>(read: readonly T[], limit: number, cursor: (last: T) => string): Page<T> {
  const items = read.slice(0, limit);
  return read.length > limit ? { items, next: cursor(items.at(-1)!) } : { items };
}
