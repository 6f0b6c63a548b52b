import type { PublishedRevocation, Revocation } from '../../revocation/revocation-feed.js';

/** The format of an entry in the feed; a change of it, or a new kind, raises it. See docs/operations.md. */
const FORMAT_VERSION = 1;

const KINDS: readonly unknown[] = ['session', 'generation', 'claims'] satisfies Revocation['kind'][];

/**
 * @param revocation with `at` only where it is published again; a first publication gets its time from the store
 * @param keepFor milliseconds, unless it says so itself
 */
export const packRevocation = (revocation: Revocation | PublishedRevocation, keepFor: number): string =>
  JSON.stringify({ v: FORMAT_VERSION, keepFor, ...revocation });

/**
 * @param publishedAt the store's time of the publication, milliseconds
 * @returns `unreadable` for an entry that another version of Keyturn wrote in a format unknown here: somebody's tokens
 *   were revoked, and it cannot be told whose; null for what is no entry
 */
export function unpackRevocation(text: string, publishedAt: number): PublishedRevocation | 'unreadable' | null {
  try {
    const { v, ...entry } = JSON.parse(text) as { v?: unknown } & PublishedRevocation;
    if (!Number.isSafeInteger(v)) return null;
    return v === FORMAT_VERSION && KINDS.includes(entry.kind)
      ? { ...entry, at: entry.at ?? publishedAt }
      : 'unreadable';
  } catch {
    return null;
  }
}
