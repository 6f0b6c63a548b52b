import type { SessionEndReason } from '../auth.errors.js';
import { isStronger } from './end-reasons.js';
import type { PublishedRevocation, Revocation } from './revocation-feed.js';

/** What of a token decides whether it was revoked. */
export interface RevocableToken {
  readonly sub: string;
  readonly sid: string;
  readonly gen: number;
  /** Milliseconds; absent in refresh tokens, which carry no claims of the host. */
  readonly claims_at?: number;
  /** Who acts for the subject: the token dies with either. */
  readonly act?: { readonly sub: string; readonly gen: number };
}

/** Why a token is dead: its session's end, or claims that are out of date. */
export type RevokedBecause = SessionEndReason | 'claims_outdated';

type Of<Kind extends PublishedRevocation['kind']> = Extract<PublishedRevocation, { kind: Kind }>;

const sessionKey = (sid: string, sub: string): string => `${sid} ${sub}`;

/**
 * The revocations an instance knows, in memory. Pure: time comes with the call. Bounded by time alone, since to forget
 * one while its tokens live would revive them: an entry stays for `retention` after its publication.
 */
export class RevocationList {
  /** By the id alone, which costs a check no new key: that is a microsecond of each request beside a long list. */
  private readonly sessions = new Map<string, Of<'session'>>();
  /** An id is public, and names a session only together with its subject: entries that came second with an id. */
  private readonly namesakes = new Map<string, Of<'session'>>();
  private readonly generations = new Map<string, Of<'generation'>>();
  private readonly claims = new Map<string, Of<'claims'>>();
  /** Of one session alone, by its id; who knows the id of another's session must not outdate it. */
  private readonly sessionClaims = new Map<string, Of<'claims'>>();

  /**
   * @param retention milliseconds: the longest life of an access token, and what else an entry may come late by. An
   * entry that says so itself stays longer: who published it may issue tokens of a longer life.
   */
  constructor(private readonly retention: number) {}

  /**
   * Entries may come twice and in any order. Of two for one session the stronger reason counts, of two equal ones the
   * first; of generations the higher one, of claims the later one; and always the later end.
   */
  add(entry: PublishedRevocation, now: number): void {
    if (this.endOf(entry) <= now) return;
    const known = this.knownFor(entry);
    const merged = known ? this.merge(known, entry) : entry;
    if (merged === known) return;
    // Put at the end again when it is replaced, so that the order stays that of time.
    const [entries, key] = this.placeOf(entry);
    entries.delete(key);
    entries.set(key, merged);
  }

  /** Whether an entry is known as it is: the same or more, for as long or longer. */
  tells(entry: PublishedRevocation): boolean {
    const known = this.knownFor(entry);
    return known !== undefined && this.merge(known, entry) === known;
  }

  /** Whether a revocation would say nothing new here: its session, or all of its generation, is known to be over. */
  holds(revocation: Revocation): boolean {
    const known = this.knownFor(revocation);
    if (known?.kind === 'session' && revocation.kind === 'session') return !isStronger(revocation.reason, known.reason);
    return (
      known?.kind === 'generation' && revocation.kind === 'generation' && known.generation >= revocation.generation
    );
  }

  /** Why a token must be refused; null if nothing is known against it. */
  check({ sub, sid, gen, claims_at: claimsAt, act }: RevocableToken): RevokedBecause | null {
    if (this.sessions.size > 0) {
      const session = this.sessions.get(sid);
      if (session && session.sub === sub) return session.reason;
    }
    if (this.namesakes.size > 0) {
      const session = this.namesakes.get(sessionKey(sid, sub));
      if (session) return session.reason;
    }
    if (this.generations.size > 0) {
      const raised = this.generations.get(sub);
      if (raised && gen < raised.generation) return raised.reason;
      const ofActor = act && this.generations.get(act.sub);
      if (ofActor && act.gen < ofActor.generation) return ofActor.reason;
    }
    // Equal is older: within one millisecond nobody can tell which came first.
    return claimsAt !== undefined && claimsAt <= this.claimsChangedAt(sub, sid) ? 'claims_outdated' : null;
  }

  /** The generation below which all tokens of a subject are dead; 0 if none is known. */
  generationOf(sub: string): number {
    return this.generations.get(sub)?.generation ?? 0;
  }

  /** When the claims of a session or its subject were last changed, as far as it is remembered; -Infinity if never. */
  claimsChangedAt(sub: string, sid: string): number {
    const ofSubject = this.claims.size > 0 ? this.claims.get(sub) : undefined;
    const ofSession = this.sessionClaims.size > 0 ? this.sessionClaims.get(sessionKey(sid, sub)) : undefined;
    return Math.max(ofSubject?.at ?? -Infinity, ofSession?.at ?? -Infinity);
  }

  /** Forgets what no living token can meet any more. */
  prune(now: number): void {
    for (const entries of [this.sessions, this.namesakes, this.generations, this.claims, this.sessionClaims]) {
      // In the order of their coming, which is nearly that of their ends: the first that must stay ends the look.
      for (const [key, entry] of entries) {
        if (this.endOf(entry) > now) break;
        entries.delete(key);
      }
    }
  }

  /** All that is known, for a feed that lost it. */
  *entries(): Generator<PublishedRevocation> {
    yield* this.sessions.values();
    yield* this.namesakes.values();
    yield* this.generations.values();
    yield* this.claims.values();
    yield* this.sessionClaims.values();
  }

  get size(): number {
    return (
      this.sessions.size + this.namesakes.size + this.generations.size + this.claims.size + this.sessionClaims.size
    );
  }

  private endOf({ at, keepFor = 0 }: PublishedRevocation): number {
    return at + Math.max(keepFor, this.retention);
  }

  /** Where an entry is kept, and by which key. */
  private placeOf(entry: Revocation): [Map<string, PublishedRevocation>, string] {
    switch (entry.kind) {
      case 'session': {
        const first = this.sessions.get(entry.sid);
        return !first || first.sub === entry.sub
          ? [this.sessions, entry.sid]
          : [this.namesakes, sessionKey(entry.sid, entry.sub)];
      }
      case 'generation':
        return [this.generations, entry.sub];
      case 'claims':
        return entry.sid === undefined
          ? [this.claims, entry.sub]
          : [this.sessionClaims, sessionKey(entry.sid, entry.sub)];
    }
  }

  private knownFor(entry: Revocation): PublishedRevocation | undefined {
    // A namesake stays where it is, also when the first of its id was forgotten.
    const namesake = entry.kind === 'session' && this.namesakes.get(sessionKey(entry.sid, entry.sub));
    if (namesake) return namesake;
    const [entries, key] = this.placeOf(entry);
    return entries.get(key);
  }

  /** The entry that stands for both; the known one itself where the other adds nothing. */
  private merge(known: PublishedRevocation, entry: PublishedRevocation): PublishedRevocation {
    const winner = outdoes(entry, known) ? entry : known;
    const end = Math.max(this.endOf(known), this.endOf(entry));
    return this.endOf(winner) >= end ? winner : { ...winner, keepFor: end - winner.at };
  }
}

/** Whether an entry says more than another one of the same kind about the same session or subject. */
function outdoes(entry: PublishedRevocation, known: PublishedRevocation): boolean {
  if (entry.kind === 'session' && known.kind === 'session') {
    return isStronger(entry.reason, known.reason) || (!isStronger(known.reason, entry.reason) && entry.at < known.at);
  }
  if (entry.kind === 'generation' && known.kind === 'generation') {
    return entry.generation > known.generation || (entry.generation === known.generation && entry.at < known.at);
  }
  return entry.kind === 'claims' && entry.at > known.at;
}
