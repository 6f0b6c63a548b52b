import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { InMemoryTokenRepository } from '../../../src/stores/memory/in-memory-token.repository.js';
import { RedisTokenRepository } from '../../../src/stores/redis/redis-token.repository.js';
import { subjectKey } from '../../../src/stores/redis/session-hash.js';
import type { Snapshot, TokenRepository } from '../../../src/sessions/token.repository.js';
import { wholeSecond } from '../../../src/sessions/session.js';
import { login, rotationOf } from '../../../src/testing/session-samples.js';
import type { Id, Step } from './history.js';
import { SESSIONS, subjectsOf } from './history.js';
import { scriptsOnLogicalTime, setLogicalTime } from './redis-logical-time.js';

export interface Difference {
  /** How many steps were taken, the one that showed it included. */
  readonly steps: number;
  readonly of: string;
  readonly inMemory: string;
  readonly redis: string;
}

type Call = (repository: TokenRepository) => Promise<unknown>;
type CommandStep = Exclude<Step, { readonly do: 'resend' | 'pass' | 'pass-to' }>;
interface Command {
  readonly sub: string;
  readonly call: Call;
}

const KEY_PREFIX = 'kt:';
/** Far from now, so that Redis' own clock expires nothing. */
const BEGINNING = Date.UTC(2100, 0, 1);
/** The in-memory store sweeps sessions past an end once a minute, Redis at the next login: neither is promised. */
const LATEST = BEGINNING + 59_000;
const LONG_AFTER = BEGINNING + 3_600_000;

const bytes = (text: string, length: number): string =>
  createHash('sha256').update(text).digest().subarray(0, length).toString('base64url');
const sidOf = (id: Id): string => (typeof id === 'string' ? id : bytes(`sid ${id}`, 16));
const secretOf = (id: Id, secret: number): string => bytes(`secret ${id} ${secret}`, 16);

/** The in-memory store and Redis, side by side in one time. */
export class TwoStores {
  private readonly redis: RedisTokenRepository;
  private memory = new InMemoryTokenRepository();
  private subs: readonly string[] = [];
  private now = BEGINNING;
  private lastWrite: Command = { sub: '', call: async () => null };
  /** The moments that commands have set: ends, and until when something is kept. */
  private moments: number[] = [];

  constructor(private readonly client: Redis) {
    const settings = { keyPrefix: KEY_PREFIX, commandTimeout: 5_000 };
    this.redis = new RedisTokenRepository(client, settings, scriptsOnLogicalTime());
  }

  /** Runs a history from nothing, to the first step after which the two say different things. */
  async run(seed: number, history: readonly Step[]): Promise<Difference | null> {
    await this.begin(subjectsOf(seed));
    for (const [index, step] of history.entries()) {
      const difference = await this.take(step);
      if (difference) return { ...difference, steps: index + 1 };
    }
    await this.moveTo(LONG_AFTER);
    const left = await this.client.exists(...this.subs.map((sub) => subjectKey(KEY_PREFIX, sub)));
    return left ? { steps: history.length, of: 'what is left', inMemory: 'nothing', redis: `${left} keys` } : null;
  }

  private async begin(subs: readonly string[]): Promise<void> {
    await this.client.flushdb();
    this.memory = new InMemoryTokenRepository(() => this.now);
    this.subs = subs;
    this.moments = [];
    this.lastWrite = { sub: subs[0]!, call: async () => null };
    await this.moveTo(BEGINNING);
  }

  private async moveTo(moment: number): Promise<void> {
    this.now = moment;
    await setLogicalTime(this.client, KEY_PREFIX, this.subs, moment);
  }

  private async take(step: Step): Promise<Omit<Difference, 'steps'> | null> {
    if (step.do === 'pass' || step.do === 'pass-to') {
      const moment = step.do === 'pass' ? this.now + step.milliseconds : this.momentOf(step);
      if (moment > this.now && moment < LATEST) await this.moveTo(moment);
      return this.compareStates(this.subs[step.who]!);
    }
    // No two sessions are opened in one millisecond: which of them counts as earlier is not promised.
    await this.moveTo(this.now + 1);
    const { sub, call } = step.do === 'resend' ? this.lastWrite : await this.commandOf(step);
    if (step.do !== 'find') this.lastWrite = { sub, call };
    return (await this.compare('answer', call)) ?? (await this.compareStates(sub));
  }

  private momentOf({ moment, beside }: Extract<Step, { do: 'pass-to' }>): number {
    return (this.moments.at(-1 - (moment % this.moments.length)) ?? this.now) + beside;
  }

  private async commandOf(step: CommandStep): Promise<Command> {
    const sub = this.subs[step.who]!;
    return { sub, call: await this.callOf(step, sub) };
  }

  private async callOf(step: CommandStep, sub: string): Promise<Call> {
    const noted = await this.memory.generationOf(sub);
    switch (step.do) {
      case 'open': {
        const { idleTtl, absoluteTtl } = step.login;
        this.moments.push(wholeSecond(this.now + idleTtl), wholeSecond(this.now + absoluteTtl));
        const generation = step.generation === null ? null : Math.max(0, noted + step.generation);
        const named = { sub, sid: sidOf(step.id), secretHash: secretOf(step.id, step.secret), generation };
        const replaces = step.replaces === null ? undefined : sidOf(step.replaces);
        const command = login({ ...step.login, ...named, attempt: bytes('login', 8), replaces });
        return (repository) => repository.open(command);
      }
      case 'advance': {
        const { id, secret, from, by, idleTtl, heal } = step;
        const { record } = await this.memory.find(sub, sidOf(id));
        if (idleTtl !== null) this.moments.push(wholeSecond(this.now + idleTtl));
        const seq = Math.max(0, (record?.seq ?? 0) + from);
        const token = {
          sub,
          sid: sidOf(id),
          secretHash: secretOf(id, secret),
          seq,
          generation: noted + step.generation,
        };
        const healedIdleEnd = heal === null ? null : wholeSecond(this.now) + heal * 1_000;
        const change = { nextSeq: seq + by, attempt: bytes(`attempt ${step.attempt}`, 8), idleTtl, healedIdleEnd };
        const command = rotationOf(token, change);
        return async (repository) => this.unlessForgettable(await repository.advance(command));
      }
      case 'extend': {
        this.moments.push(wholeSecond(this.now + step.idleTtl));
        const command = {
          sub,
          sid: sidOf(step.id),
          generation: Math.max(0, noted + step.generation),
          idleTtl: step.idleTtl,
        };
        return async (repository) => this.unlessForgettable(await repository.extend(command));
      }
      case 'end': {
        this.moments.push(this.now + step.retention);
        const sids = step.ids.map(sidOf);
        return async (repository) => {
          const forgettable = await Promise.all(sids.map((sid) => this.isForgettable(sub, sid)));
          const there = await repository.end(sub, sids, step.reason, step.retention);
          return there.filter((sid) => !forgettable[sids.indexOf(sid)]);
        };
      }
      case 'end-below': {
        this.moments.push(this.now + step.retention);
        const generation = Math.max(0, noted + step.by);
        return async (repository) => {
          const sids = Array.from({ length: SESSIONS }, (_, id) => sidOf(id));
          const forgettable = await Promise.all(sids.map((sid) => this.isForgettable(sub, sid)));
          const there = await repository.endBelow(sub, generation, step.reason, step.retention);
          return there.filter((sid) => !forgettable[sids.indexOf(sid)]).sort();
        };
      }
      case 'raise': {
        this.moments.push(this.now + step.keep);
        const target = Math.max(0, noted + step.by);
        return (repository) => repository.raiseGeneration(sub, target, step.keep);
      }
      case 'find':
        return (repository) => this.find(repository, sub, sidOf(step.id));
    }
  }

  /** All that can be seen of a subject. */
  private compareStates(sub: string): Promise<Omit<Difference, 'steps'> | null> {
    const sids = Array.from({ length: SESSIONS }, (_, id) => sidOf(id));
    return this.compare('state', (repository) =>
      Promise.all([
        repository.list(sub),
        repository.generationOf(sub),
        ...sids.map((sid) => this.find(repository, sub, sid)),
      ]),
    );
  }

  /** A session past its absolute end may be there or not: with the last of a subject Redis forgets it. */
  private async isForgettable(sub: string, sid: string): Promise<boolean> {
    const { record } = await this.memory.find(sub, sid);
    return record !== null && this.now >= record.absoluteEnd;
  }

  private async find(repository: TokenRepository, sub: string, sid: string): Promise<Snapshot> {
    return this.unlessForgettable(await repository.find(sub, sid));
  }

  private unlessForgettable<T extends Snapshot>(snapshot: T): T {
    const { record } = snapshot;
    return { ...snapshot, record: record && this.now < record.absoluteEnd ? record : null };
  }

  private async compare(of: string, call: Call): Promise<Omit<Difference, 'steps'> | null> {
    const redis = await told(call(this.redis));
    const inMemory = await told(call(this.memory));
    return inMemory === redis ? null : { of, inMemory, redis };
  }
}

/** An answer, or what was thrown, as text with names in order: what is absent and what is undefined are the same. */
async function told(answer: Promise<unknown>): Promise<string> {
  const value = await answer.catch((error: unknown) => ({ threw: String(error) }));
  return JSON.stringify(value, (_key, member: unknown) =>
    member !== null && typeof member === 'object' && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
