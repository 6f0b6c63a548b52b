/** Holds the bytes of the state that a {@link World} shows at the moment. */
interface Memory {
  bytes: Uint8Array;
}

type Fields<F extends string> = { [K in F]: number };

/** A group of named bytes. A world is one flat array, so that millions of them can be kept and compared quickly. */
function group<const F extends readonly string[]>(...names: F) {
  class Group {
    static readonly size = names.length;
    constructor(
      readonly memory: Memory,
      readonly base: number,
    ) {}
  }
  names.forEach((name, offset) => {
    Object.defineProperty(Group.prototype, name, {
      get(this: Group) {
        return this.memory.bytes[this.base + offset];
      },
      set(this: Group, value: number) {
        this.memory.bytes[this.base + offset] = value;
      },
    });
  });
  return Group as unknown as { new (memory: Memory, base: number): Fields<F[number]> & { base: number }; size: number };
}

/** A record as the store keeps it; `replayedAt` is there for a mutant alone. Times are ticks of one second. */
const StoredRecord = group('live', 'seq', 'rotatedAt', 'attempt', 'idleEnd', 'authTime', 'replayedAt');
/** What is fixed at login, and what the observer knows of the session whatever the store says. */
const Session = group(
  'generation',
  'absoluteEnd',
  'loginAt',
  'oldPassword',
  'heard', // the instance's revocation list names it
  'acked', // its revocation was acknowledged
  'cause', // it may answer 401: it was ended on purpose, by an alarm, by time, or lost by a rollback
  'stolen',
  'idleEnd', // where the idle end should be
  'top', // the highest seq ever handed out
  'snapshotSeq',
  'healed', // since the rollback, the highest token was used
);
/** The first success of one token: 0 is never. `answered`: a 200 was sent for it. */
const FirstUse = group('at', 'attempt', 'exp', 'answered');
/** A refresh in flight; what `a`, `b`, `c` hold depends on `phase`. */
const Request = group('phase', 'sid', 'seq', 'iat', 'attempt', 'loaded', 'tries', 'twin', 'late', 'a', 'b', 'c');
/** What a client keeps: a token (`held`) and, beside it, its Idempotency-Key. */
const Jar = group('held', 'sid', 'seq', 'iat', 'key');
/** A command that is still under way though nobody waits for it. */
const Ghost = group('kind', 'sid', 'expectSeq', 'nextSeq', 'attempt', 'healed');
/** An attempt whose outcome the instance never learned, and its token. */
const Unlearned = group('attempt', 'sid', 'seq');
const Login = group('phase', 'password', 'generation');
const Revocation = group('phase', 'kind', 'target', 'raised', 'removed', 'published');
const Globals = group(
  'now', // starts at 1: 0 is never
  'durable', // the users table: generation, version of the password
  'password',
  'heardGeneration',
  'rolledBack',
  'faultsLeft',
  'lossesLeft',
  'stealsLeft',
  'extendsLeft',
  'restartsLeft',
  'clockStepsLeft',
  'writeBack', // a record was read, to be written back as it was (a mutant)
);
const Store = group('taken', 'noted');

export type StoredRecord = InstanceType<typeof StoredRecord>;
export type Session = InstanceType<typeof Session>;
export type FirstUse = InstanceType<typeof FirstUse>;
export type Request = InstanceType<typeof Request>;
export type Jar = InstanceType<typeof Jar>;
export type Ghost = InstanceType<typeof Ghost>;
export type Unlearned = InstanceType<typeof Unlearned>;

/** The first session, and the one that a login opens. */
export const SESSIONS = 2;
/** Tokens 0, 1 and 2 of a session are used; the last is two steps away from the first. */
export const USABLE = 3;
/** Two tabs of one client, and a stranger: the thief, or whoever logs in. */
export const ACTORS = 3;
export const STRANGER = 2;

/** Everything there is, as named fields over the bytes of one state. */
export class World {
  private readonly memory: Memory = { bytes: new Uint8Array(0) };
  private size = 0;

  readonly globals = this.one(Globals);
  private readonly storeBase = this.size;
  readonly store = this.one(Store);
  readonly records = this.many(SESSIONS, StoredRecord);
  private readonly storeSize = this.size - this.storeBase;
  private readonly snapshotBase = this.reserve(this.storeSize);
  readonly snapshot = new Store(this.memory, this.snapshotBase);
  readonly kept = Array.from({ length: SESSIONS }, (_, i) => this.record(this.snapshotBase + Store.size, i));
  readonly sessions = this.many(SESSIONS, Session);
  readonly uses = this.many(SESSIONS * USABLE, FirstUse);
  readonly requests = this.many(ACTORS, Request);
  readonly jars = this.many(2, Jar);
  readonly ghosts = this.many(2, Ghost);
  readonly unlearned = this.many(3, Unlearned);
  readonly login = this.one(Login);
  readonly revocation = this.one(Revocation);
  readonly readEarlier = this.one(StoredRecord);

  readonly width = (this.size + 3) & ~3;

  /** Lets the fields show (and change) these bytes. */
  show(bytes: Uint8Array): this {
    this.memory.bytes = bytes;
    return this;
  }

  get now(): number {
    return this.globals.now;
  }

  recordOf(sid: number): StoredRecord {
    return this.records[sid] as StoredRecord;
  }

  sessionOf(sid: number): Session {
    return this.sessions[sid] as Session;
  }

  useOf(sid: number, seq: number): FirstUse {
    return this.uses[sid * USABLE + seq] as FirstUse;
  }

  requestOf(actor: number): Request {
    return this.requests[actor] as Request;
  }

  jarOf(actor: number): Jar {
    return this.jars[actor === STRANGER ? 1 : 0] as Jar;
  }

  clear(group: { readonly base: number }, size: number): void {
    this.memory.bytes.fill(0, group.base, group.base + size);
  }

  forget(request: Request): void {
    this.clear(request, Request.size);
  }

  drop(ghost: Ghost): void {
    this.clear(ghost, Ghost.size);
  }

  learn(unlearned: Unlearned): void {
    this.clear(unlearned, Unlearned.size);
  }

  empty(jar: Jar): void {
    this.clear(jar, Jar.size);
  }

  remove(record: StoredRecord): void {
    this.clear(record, StoredRecord.size);
  }

  copyRecord(from: StoredRecord, to: StoredRecord): void {
    this.memory.bytes.copyWithin(to.base, from.base, from.base + StoredRecord.size);
  }

  takeSnapshot(): void {
    this.memory.bytes.copyWithin(this.snapshotBase, this.storeBase, this.storeBase + this.storeSize);
    this.snapshot.taken = 1;
  }

  restoreSnapshot(): void {
    this.memory.bytes.copyWithin(this.storeBase, this.snapshotBase, this.snapshotBase + this.storeSize);
    this.memory.bytes.fill(0, this.snapshotBase, this.snapshotBase + this.storeSize);
    this.store.taken = 0;
  }

  sameStore(other: World): boolean {
    const end = this.storeBase + this.storeSize;
    for (let i = this.storeBase; i < end; i++) if (this.memory.bytes[i] !== other.memory.bytes[i]) return false;
    return true;
  }

  /** The two tabs are alike, and so are two ghosts: of two states that differ by their names alone, one is enough. */
  sortTwins(): void {
    this.sortPair(this.requestOf(0).base, this.requestOf(1).base, Request.size);
    const [one, other] = this.ghosts as [Ghost, Ghost];
    this.sortPair(one.base, other.base, Ghost.size);
  }

  private sortPair(one: number, other: number, size: number): void {
    const { bytes } = this.memory;
    for (let i = 0; i < size; i++) {
      const difference = (bytes[one + i] as number) - (bytes[other + i] as number);
      if (difference > 0) return;
      if (difference < 0) break;
    }
    for (let i = 0; i < size; i++) {
      const kept = bytes[one + i] as number;
      bytes[one + i] = bytes[other + i] as number;
      bytes[other + i] = kept;
    }
  }

  private reserve(bytes: number): number {
    this.size += bytes;
    return this.size - bytes;
  }

  private record(base: number, index: number): StoredRecord {
    return new StoredRecord(this.memory, base + index * StoredRecord.size);
  }

  private one<T>(type: { new (memory: Memory, base: number): T; size: number }): T {
    return new type(this.memory, this.reserve(type.size));
  }

  private many<T>(count: number, type: { new (memory: Memory, base: number): T; size: number }): readonly T[] {
    return Array.from({ length: count }, () => this.one(type));
  }
}
