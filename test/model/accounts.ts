import { freshAttempt } from './attempts.js';
import { DELAYED_RAISE } from './refresh.js';
import type { Rules, Scenario } from './rules.js';
import type { Seen } from './seen.js';
import { NO_SUBJECT } from './subject.js';
import { open, removeOlder } from './store.js';
import { STRANGER } from './world.js';
import type { World } from './world.js';

// Looked up once: inside Jest's sandbox each look-up of a global costs more than the step it serves.
const { max } = Math;

/** The session there is at first, and the one that a login opens. */
export const FIRST = 0;
export const SECOND = 1;

/** Kinds of a revocation, and how far it is. */
export const LOGOUT = 1;
export const PASSWORD_CHANGE = 2;
export const DELETION = 3;
const RUNNING = 1;
export const ACKNOWLEDGED = 2;

/** What became of the feed's entry: 1 is kept in the stream. */
const HEARD = 2;

const OLD_PASSWORD = 0;
const NEW_PASSWORD = 1;

/** Logins and revocations, step by step. */
export class AccountFlow {
  constructor(
    private readonly world: World,
    private readonly rules: Rules,
    private readonly scenario: Scenario,
    private readonly seen: Seen,
  ) {}

  /** Reads the password hash that will be compared and, together with it, the generation. Whoever logs in knows it. */
  readPassword(): void {
    const { login, globals } = this.world;
    login.phase = RUNNING;
    login.password = globals.password;
    login.generation = this.generationNow();
  }

  openSession(): void {
    const { world, scenario } = this;
    const { login, revocation } = world;
    const changed = revocation.kind === PASSWORD_CHANGE && revocation.phase === ACKNOWLEDGED;
    const read = this.rules.generationReadFirst ? login.generation : this.generationNow();
    const generation = this.rules.openGeneration(read, world.now);
    const byOldPassword = login.password === OLD_PASSWORD;
    login.phase = login.password = login.generation = 0;
    if (world.store.noted > generation) return;

    open(world, SECOND, generation, freshAttempt(world), scenario);
    const session = world.sessionOf(SECOND);
    session.oldPassword = byOldPassword ? 1 : 0;
    session.cause = generation < revocation.target ? 1 : 0;
    session.acked = byOldPassword && changed ? 1 : 0;
    this.seen.openedByOldPassword = byOldPassword;
    const jar = world.jarOf(byOldPassword ? STRANGER : 0);
    Object.assign(jar, { held: 1, sid: SECOND, seq: 0, iat: world.now, key: 0 });
  }

  startRevocation(kind: number): void {
    const { world } = this;
    const { revocation, globals } = world;
    revocation.phase = RUNNING;
    revocation.kind = kind;
    world.sessionOf(FIRST).cause = 1;
    if (kind === LOGOUT) {
      revocation.raised = 1;
      return;
    }
    world.sessionOf(SECOND).cause = 1;
    revocation.target = max(this.generationNow() + 1, world.now);
    globals.password = NEW_PASSWORD;
    if (kind === DELETION) globals.durable = NO_SUBJECT;
    else if (this.scenario.loadSubject) globals.durable = revocation.target;
  }

  /** @param doubled whether a copy of the command is still under way */
  raise(doubled: boolean): void {
    const { world } = this;
    const { target } = world.revocation;
    world.revocation.raised = 1;
    world.store.noted = this.rules.raise(world.store.noted, target);
    if (doubled)
      Object.assign(
        world.ghosts.find(({ kind }) => !kind)!,
        { kind: DELAYED_RAISE, nextSeq: target },
      );
  }

  runDelayedRaise(index: number): void {
    const { world } = this;
    const ghost = world.ghosts[index]!;
    world.store.noted = this.rules.raise(world.store.noted, ghost.nextSeq);
    world.drop(ghost);
  }

  removeSessions(): void {
    const { world } = this;
    world.revocation.removed = 1;
    if (world.revocation.kind === LOGOUT) world.remove(world.recordOf(FIRST));
    else removeOlder(world, this.rules.newSessionsSpared ? world.revocation.target : 255 + 1);
  }

  /** The feed's entry. Nobody waits until it is heard. */
  publish(): void {
    this.world.revocation.published = 1;
  }

  hear(): void {
    const { revocation, globals } = this.world;
    revocation.published = HEARD;
    if (revocation.kind === LOGOUT) this.world.sessionOf(FIRST).heard = 1;
    else globals.heardGeneration = revocation.target;
  }

  acknowledge(): void {
    const { world } = this;
    world.revocation.phase = ACKNOWLEDGED;
    world.sessionOf(FIRST).acked = 1;
    const other = world.sessionOf(SECOND);
    if (world.revocation.kind === PASSWORD_CHANGE && other.oldPassword) other.acked = 1;
  }

  private generationNow(): number {
    return this.scenario.loadSubject ? this.world.globals.durable : this.world.store.noted;
  }
}
