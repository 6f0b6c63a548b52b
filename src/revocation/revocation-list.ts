import type { SessionEndReason } from '../auth.errors.js';
import type { PublishedRevocation } from './revocation-feed.js';

/** What of a token decides whether it was called back. */
export interface RevocableToken {
  readonly sub: string;
  readonly sid: string;
  readonly gen: number;
  /** Milliseconds; absent in refresh tokens, which carry no claims of the host. */
  readonly claims_at?: number;
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

  /**
   * @param retention milliseconds: the longest life of an access token, and what else an entry may come late by. An
   * entry that says so itself stays longer: who published it may issue tokens of a longer life.
   */
  constructor(private readonly retention: number) {}

  /** Entries may come twice and in any order: the later time and the higher generation count. */
  add(entry: PublishedRevocation, now: number): void {
    if (this.endOf(entry) <= now) return;
    switch (entry.kind) {
      case 'session':
        this.addSession(entry);
        break;
      case 'generation':
        keep(this.generations, entry.sub, entry, (known) => known.generation >= entry.generation);
        break;
      case 'claims':
        keep(this.claims, entry.sub, entry, (known) => known.at >= entry.at);
        break;
    }
  }

  /** Why a token must be refused; null if nothing is known against it. */
  check({ sub, sid, gen, claims_at: claimsAt }: RevocableToken): RevokedBecause | null {
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
    }
    if (this.claims.size > 0 && claimsAt !== undefined) {
      const changed = this.claims.get(sub);
      // Equal is older: within one millisecond nobody can tell which came first.
      if (changed && claimsAt <= changed.at) return 'claims_outdated';
    }
    return null;
  }

  /** The generation below which all tokens of a subject are dead; 0 if none is known. */
  generationOf(sub: string): number {
    return this.generations.get(sub)?.generation ?? 0;
  }

  /** When a subject's claims were last changed, as far as it is remembered; -Infinity if they were not. */
  claimsChangedAt(sub: string): number {
    return this.claims.get(sub)?.at ?? -Infinity;
  }

  /** Forgets what no living token can meet any more. */
  prune(now: number): void {
    for (const entries of [this.sessions, this.namesakes, this.generations, this.claims]) {
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
  }

  private endOf({ at, keepFor = 0 }: PublishedRevocation): number {
    return at + Math.max(keepFor, this.retention);
  }

  get size(): number {
    return this.sessions.size + this.namesakes.size + this.generations.size + this.claims.size;
  }

  private addSession(entry: Of<'session'>): void {
    const { sid, sub } = entry;
    const isOlder = (known: Of<'session'>): boolean => known.at >= entry.at;
    const first = this.sessions.get(sid);
    if (!first || first.sub === sub) keep(this.sessions, sid, entry, isOlder);
    else keep(this.namesakes, sessionKey(sid, sub), entry, isOlder);
  }
}

/** Put at the end again when it is replaced, so that the order stays that of time. */
function keep<T>(entries: Map<string, T>, key: string, entry: T, stands: (known: T) => boolean): void {
  const known = entries.get(key);
  if (known !== undefined && stands(known)) return;
  entries.delete(key);
  entries.set(key, entry);
}
