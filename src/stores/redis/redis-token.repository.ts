import { SPAN_KIND, traced, type SpanRequest } from '../../auth.tracing.js';
import { isOver, type HostClaims, type SessionEndReason, type SessionRecord } from '../../sessions/session.js';
import type { EndNote, PastSession } from '../../sessions/session-history.js';
import { packClaims } from './claims-codec.js';
import type { RedisClient } from './redis-connection-options.js';
import { packNote, readPast } from './history-codec.js';
import { settleInTime } from './redis-deadline.js';
import { redisTime } from './redis-time.js';
import { gatherWrites } from './redis-gathered-writes.js';
import { runScript } from './redis-script.js';
import type { RedisScriptName, RedisScripts } from './redis-scripts.js';
import { REDIS_SCRIPTS } from './redis-scripts.js';
import { bytesOf, packSession, unpackSession } from './session-codec.js';
import type { SnapshotReply } from './session-hash.js';
import { readChanges, readSessions, readSnapshot, reasonLetter, sidField, sidOf, subjectKey } from './session-hash.js';
import type {
  AdvanceCommand,
  AdvanceResult,
  ExtendCommand,
  ExtendResult,
  OpenCommand,
  OpenResult,
  SessionClaimsCommand,
  SessionClaimsResult,
  Snapshot,
} from '../../sessions/token.repository.js';
import { TokenRepository } from '../../sessions/token.repository.js';

export interface RedisRepositorySettings {
  /** In front of every key. */
  readonly keyPrefix: string;
  /** Milliseconds within which every method answers or throws. */
  readonly commandTimeout: number;
}

type Argument = string | number | Buffer;

/**
 * Sessions in Redis 6.2 or later: one hash per subject, one script and one round trip per method, on the server's
 * clock.
 *
 * Every method throws {@link RedisUnavailableError} when Redis cannot do it or does not answer in time.
 *
 * @example
 * ```ts
 * const repository = new RedisTokenRepository(new Redis(), { keyPrefix: 'kt:', commandTimeout: 500 });
 * const { record } = await repository.find('user-7', sid);
 * ```
 */
export class RedisTokenRepository extends TokenRepository {
  readonly commandTimeout: number;
  private readonly keyPrefix: string;

  constructor(
    private readonly client: RedisClient,
    { keyPrefix, commandTimeout }: RedisRepositorySettings,
    private readonly scripts: RedisScripts = REDIS_SCRIPTS,
  ) {
    super();
    this.keyPrefix = keyPrefix;
    this.commandTimeout = commandTimeout;
  }

  async open(command: OpenCommand): Promise<OpenResult> {
    const { sub, sid, idleTtl, absoluteTtl, maxSessions } = command;
    const replaced = command.replaces === undefined ? '' : sidField(command.replaces);
    const { session, details } = packSession(templateOf(command));
    const own = command.sessionClaims ? packClaims(command.sessionClaims) : '';
    const args = [bytesOf(sid, 16, 'sid'), session, details ?? '', command.generation ?? ''];
    type Rest = readonly [details?: Buffer | null, own?: Buffer | null, change?: Buffer | null, replaced?: number];
    type Reply = readonly [outcome: Buffer, now: number, result: Buffer & Buffer[], ...Rest];
    const result = await this.run(
      'open',
      sub,
      [...args, idleTtl, absoluteTtl, maxSessions, own, replaced, command.endedRetention ?? 0],
      (reply: Reply) => {
        const [outcome, now, stored, storedDetails = null, ownClaims = null, change = null, wasThere] = reply;
        switch (outcome.toString()) {
          case 'opened':
            return {
              outcome: 'opened',
              record: unpackSession(sub, sid, stored, storedDetails, readChanges(ownClaims, change, now)),
              now,
              replaced: wasThere === 1,
            } as const;
          case 'full':
            return { outcome: 'full', oldest: stored.map(sidOf) } as const;
          case 'outdated':
            return { outcome: 'outdated' } as const;
          default:
            return null;
        }
      },
    );
    if (!result) throw new Error('Another session has this sid: it must be 128 random bits.');
    return result;
  }

  async find(sub: string, sid: string): Promise<Snapshot> {
    return this.run('find', sub, [sidField(sid)], (reply: SnapshotReply) => readSnapshot(sub, sid, reply));
  }

  async advance(command: AdvanceCommand): Promise<AdvanceResult> {
    const { sub, sid, generation, expectSeq, nextSeq, idleTtl, healedIdleEnd } = command;
    const secretHash = bytesOf(command.secretHash, 16, 'secretHash');
    const attempt = bytesOf(command.attempt, 8, 'attempt');
    const compared = [sidField(sid), secretHash, generation, expectSeq];
    const written = [nextSeq, attempt, idleTtl ?? '', healedIdleEnd ?? '', command.claimsAt ?? ''];
    return this.run('advance', sub, [...compared, ...written], (reply: readonly [...SnapshotReply, number]) => ({
      advanced: reply[7] === 1,
      ...readSnapshot(sub, sid, snapshotOf(reply)),
    }));
  }

  async extend({ sub, sid, generation, idleTtl }: ExtendCommand): Promise<ExtendResult> {
    const args = [sidField(sid), generation, idleTtl];
    return this.run('extend', sub, args, (reply: readonly [...SnapshotReply, number]) => ({
      ...readSnapshot(sub, sid, snapshotOf(reply)),
      alive: reply[7] === 1,
    }));
  }

  async end(
    sub: string,
    sids: readonly string[],
    reason: SessionEndReason,
    retention: number,
    note?: EndNote,
  ): Promise<readonly string[]> {
    const args = [reasonLetter(reason), retention, packNote(note), ...sids.map(sidField)];
    return this.run('end', sub, args, (there: readonly number[]) => sids.filter((_, index) => there[index] === 1));
  }

  async endBelow(
    sub: string,
    generation: number,
    reason: SessionEndReason,
    retention: number,
    note?: EndNote,
  ): Promise<readonly string[]> {
    const args = [generation, reasonLetter(reason), retention, packNote(note)];
    return this.run('endBelow', sub, args, (sids: readonly Buffer[]) => sids.map(sidOf));
  }

  async list(sub: string): Promise<{ readonly sessions: readonly SessionRecord[]; readonly now: number }> {
    return this.run('list', sub, [], ([now, pairs]: readonly [number, readonly Buffer[]]) => {
      const live = readSessions(sub, pairs, now).filter((session) => !isOver(session, now));
      return { sessions: live.sort((a, b) => a.createdAt - b.createdAt), now };
    });
  }

  override async history(sub: string): Promise<readonly PastSession[]> {
    return this.run('list', sub, [], ([now, pairs]: readonly [number, readonly Buffer[]]) => readPast(pairs, now));
  }

  async raiseGeneration(sub: string, target: number, keep: number): Promise<number> {
    return this.run('raiseGeneration', sub, [target, keep], (generation: number) => generation);
  }

  async changeClaims(sub: string, claims: HostClaims | null, keep: number): Promise<number> {
    return this.run('changeClaims', sub, [keep, claims ? packClaims(claims) : ''], (at: number) => at);
  }

  async setSessionClaims({ sub, sid, claims }: SessionClaimsCommand): Promise<SessionClaimsResult> {
    const args = [sidField(sid), packClaims(claims)];
    return this.run('setSessionClaims', sub, args, (reply: readonly [...SnapshotReply, number]) => ({
      ...readSnapshot(sub, sid, snapshotOf(reply)),
      alive: reply[7] > 0,
      at: reply[7],
    }));
  }

  async generationOf(sub: string): Promise<number> {
    return this.run('generationOf', sub, [], (generation: number) => generation);
  }

  async time(): Promise<number> {
    return redisTime(this.client, this.commandTimeout);
  }

  private run<R, T>(
    script: RedisScriptName,
    sub: string,
    args: readonly Argument[],
    read: (reply: R) => T,
  ): Promise<T> {
    const key = subjectKey(this.keyPrefix, sub);
    gatherWrites(this.client);
    return traced(`EVALSHA ${script}`, storeSpan(script), () => {
      const ask = () => runScript(this.client, this.scripts[script], key, args) as Promise<R>;
      return settleInTime(this.client, ask, this.commandTimeout, read);
    });
  }
}

/** By the semantic conventions for databases. */
const storeSpan = (script: RedisScriptName): SpanRequest => ({
  kind: SPAN_KIND.client,
  attributes: { 'db.system.name': 'redis', 'db.operation.name': 'EVALSHA', 'db.stored_procedure.name': script },
});

const snapshotOf = ([now, noted, session, details, reason, own, change]: readonly [
  ...SnapshotReply,
  number,
]): SnapshotReply => [now, noted, session, details, reason, own, change];

/** A record with the times still open: the script fills in those of the store. */
function templateOf(command: OpenCommand): Omit<SessionRecord, 'claimsAt'> & Pick<OpenCommand, 'claimsAt'> {
  // An `authTime` that is that of opening is left out, so a given one must not look like it.
  const createdAt = command.authTime === 0 ? 1_000 : 0;
  const times = { rotatedAt: 0, createdAt, idleEnd: 0, absoluteEnd: 0 };
  return { ...command, ...times, seq: 0, generation: 0, authTime: command.authTime ?? 0 };
}
