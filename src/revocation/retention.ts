/** The longest `commandTimeout`: an acknowledged revocation may have been late by so much. */
const LATEST_COMMAND = 5_000;

/** What decides how long a revocation can meet a living token. Milliseconds. */
export interface RetentionPolicy {
  readonly clients: ReadonlyMap<string, { readonly accessTtl: number }>;
  readonly revocation: { readonly maxStaleness: number };
  readonly clockTolerance: number;
}

/** How long an entry can meet a living token, milliseconds: the longest life of any client's access token counts. */
export function retentionOf({ clients, revocation, clockTolerance }: RetentionPolicy): number {
  const longestLife = Math.max(...[...clients.values()].map(({ accessTtl }) => accessTtl));
  return longestLife + revocation.maxStaleness + LATEST_COMMAND + clockTolerance;
}

/** A mark counts for twice the retention that it tells: its writer may have issued a token just before the next mark. */
const MARK_LIVES = 2;
/** The part of its life after which a mark is written again. */
const RENEWED_AFTER = 0.5;

/**
 * The retentions of all instances, as they mark them in the feed. An instance with short access tokens must keep entries
 * for as long as the tokens of another one live, or its own tokens of before a restart with shorter settings. Pure:
 * times are the store's, milliseconds.
 */
export class RetentionMarks {
  /** When each retention was marked last. */
  private readonly marked = new Map<number, number>();

  /** @param at when the mark was written */
  note(retention: number, at: number): void {
    this.marked.set(retention, Math.max(at, this.marked.get(retention) ?? 0));
  }

  /** For how long an entry that is published now must be kept: the longest retention that anybody may need. */
  longest(own: number, now: number): number {
    let longest = own;
    for (const [retention, at] of this.marked) {
      if (at + retention * MARK_LIVES > now) longest = Math.max(longest, retention);
      else this.marked.delete(retention);
    }
    return longest;
  }

  /** Whether an instance has to mark its own retention now, because no mark covers it for long enough. */
  isDue(own: number, now: number): boolean {
    return ![...this.marked].some(([retention, at]) => retention >= own && at + retention * RENEWED_AFTER > now);
  }
}
