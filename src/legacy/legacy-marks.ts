import { Inject, Injectable } from '@nestjs/common';
import type { LegacyToken } from '../options/legacy-options.js';
import { legacySubject, LONGEST_LIFE, USED, usedTokenName } from '../revocation/legacy-names.js';
import { GenerationStore } from '../sessions/token.repository.js';
import { Subjects } from '../sessions/subjects.js';

/**
 * What the store remembers of tokens of the former login: which were used up, and until when those of a user have ended.
 * They are generations of names that no user has, so that every store can keep them; they survive each session.
 */
@Injectable()
export class LegacyMarks {
  constructor(
    @Inject(GenerationStore) private readonly store: GenerationStore,
    @Inject(Subjects) private readonly subjects: Subjects,
  ) {}

  /** Whether the token was redeemed, or logged out. */
  async isUsed(token: string): Promise<boolean> {
    return (await this.store.generationOf(usedTokenName(token))) >= USED;
  }

  /** Remembers that a token is used up, for as long as it can come again. */
  async use(token: string, { expiresAt }: LegacyToken, now: number): Promise<void> {
    const keep = expiresAt === undefined ? LONGEST_LIFE : Math.max(1, expiresAt * 1000 - now);
    await this.store.raiseGeneration(usedTokenName(token), USED, keep);
  }

  /** Whether all tokens of the user that are as old have ended. The second of the end counts as before it. */
  async areEnded({ sub, issuedAt = 0 }: LegacyToken): Promise<boolean> {
    const [ended, generation] = await Promise.all([
      this.store.generationOf(legacySubject(sub)),
      // Without generations of the host's own they are times, also those from before `legacy` was set.
      this.subjects.known ? 0 : this.store.generationOf(sub),
    ]);
    return issuedAt * 1000 < Math.max(ended, generation && generation + 1);
  }
}
