import type { SessionEndReason } from '../auth.errors.js';
import type { PublishedRevocation } from './revocation-feed.js';
import { RevocationList } from './revocation-list.js';

/**
 * The entries that an instance holds and that the feed has lost: by a failover, a restore, or because the stream was
 * deleted. An entry is lost, too, when the feed tells of it with a weaker reason or for a shorter time. Pure.
 */
export function lostRevocations(
  held: Iterable<PublishedRevocation>,
  kept: Iterable<PublishedRevocation>,
): PublishedRevocation[] {
  const told = new RevocationList(0);
  for (const entry of kept) told.add(entry, 0);
  return [...held].filter((entry) => !told.tells(entry));
}

/** What one revocation did to the store. */
export type StoreRepair =
  /** End this one session, if it is there. */
  | { readonly kind: 'end'; readonly sub: string; readonly sid: string; readonly reason: SessionEndReason }
  /** Note max(noted, `generation`) and end the sessions opened below `generation`, and no others. */
  | { readonly kind: 'raise'; readonly sub: string; readonly generation: number; readonly reason: SessionEndReason };

/**
 * What must be done to the store again, because it lost what these entries had done to it. Pure. Changed claims ended no
 * session, so there is nothing to repeat.
 */
export function repairsOf(lost: Iterable<PublishedRevocation>): StoreRepair[] {
  return [...lost].flatMap((entry): StoreRepair[] => {
    switch (entry.kind) {
      case 'session':
        return [{ kind: 'end', sub: entry.sub, sid: entry.sid, reason: entry.reason }];
      case 'generation':
        return [{ kind: 'raise', sub: entry.sub, generation: entry.generation, reason: entry.reason }];
      default:
        return [];
    }
  });
}
