import type { PublishedRevocation, Revocation } from './revocation-feed.js';

/** The format of an entry in the feed; whoever changes it raises it, and goes on reading the one before. */
const FORMAT_VERSION = 1;

/**
 * @param revocation with `at` only where it is published again; a first publication gets its time from the store
 * @param keepFor milliseconds, unless it says so itself
 */
export const packRevocation = (revocation: Revocation | PublishedRevocation, keepFor: number): string =>
  JSON.stringify({ v: FORMAT_VERSION, keepFor, ...revocation });

/**
 * @param publishedAt the store's time of the publication, milliseconds
 * @returns null for what is no entry, or one of a version that is not known here
 */
export function unpackRevocation(text: string, publishedAt: number): PublishedRevocation | null {
  try {
    const { v, ...entry } = JSON.parse(text) as { v?: unknown } & PublishedRevocation;
    return v === FORMAT_VERSION ? { ...entry, at: entry.at ?? publishedAt } : null;
  } catch {
    return null;
  }
}

/** What makes two entries the same one: published twice, an entry of a session or a generation says nothing new. */
export function identityOf(entry: PublishedRevocation): string {
  switch (entry.kind) {
    case 'session':
      return `s ${entry.sid} ${entry.sub}`;
    case 'generation':
      return `g ${entry.generation} ${entry.sub}`;
    case 'claims':
      return `c ${entry.at} ${entry.sub}`;
  }
}
