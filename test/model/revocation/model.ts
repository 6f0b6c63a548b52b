import type { System } from '../explore.js';
import { ACCESS_TTL, kindOf, MAX_STALENESS, retention, revocationOf, type Rules } from './shipped.js';
import {
  decode,
  encode,
  GENERATION,
  INSTANCES,
  SESSION,
  WIDTH,
  type Entry,
  type Instance,
  type World,
} from './world.js';

/** Time that is walked through: longer than anything is remembered. */
const LAST = 20;
/** A leap over some time in which nobody does anything. */
const LEAP = 4;
const CLOCK_STEP = 2;

export interface Property {
  readonly name: string;
}
export const STAYS_ENDED = { name: 'a session that was ended does not live again, as long as anybody remembers' };
export const TOKEN_IS_DEAD = { name: 'an access token of an ended session is dead where the end can be known' };
export const NEW_SESSION_LIVES = { name: 'what was opened with the new password is ended by nobody' };
export const NOBODY_IS_ENDED = { name: 'a session that nobody ended goes on' };

interface Action {
  readonly name: string;
  /** @returns the properties that it broke; null where it cannot happen */
  readonly run: (world: World) => readonly Property[] | null;
}

const HOLDS: readonly Property[] = [];
const now = ({ elapsed, behind }: World): number => elapsed - behind;

/** Two instances, a store that falls back, a feed that forgets, and one session that is ended. */
export class RevocationModel implements System<Property> {
  readonly width = WIDTH;
  readonly initial = new Uint8Array(WIDTH);
  readonly actions: readonly string[];
  private readonly possible: readonly Action[];
  private readonly retention: number;

  /** @param cast what may happen: actions by a part of their name */
  constructor(
    private readonly rules: Rules,
    cast: readonly string[],
  ) {
    this.retention = retention(rules);
    const all = [...this.ofTheStore(), ...Array.from({ length: INSTANCES }, (_, i) => this.ofInstance(i)).flat()];
    this.possible = all.filter(({ name }) => cast.some((part) => name.includes(part)));
    this.actions = this.possible.map(({ name }) => name);
    const store = { first: 1, second: 0, noted: 0, stream: [] };
    const instance = { windowRead: 1, position: 0, knownAsOf: CLOCK_STEP + 1, lost: 0, held: [] };
    const start = CLOCK_STEP + 1;
    const world: World = {
      elapsed: start,
      behind: 0,
      store,
      copy: { ...store, first: 0 },
      copied: 0,
      fellBack: 0,
      instances: Array.from({ length: INSTANCES }, () => ({ ...instance })),
      exp: start + ACCESS_TTL,
      gap: 0,
      ending: 0,
      by: 0,
      phase: 0,
      acknowledged: 0,
      excused: 0,
      restartsLeft: 1,
      cutsLeft: 2,
    };
    encode(world, this.initial);
  }

  step(action: number, from: Uint8Array, into: Uint8Array): readonly Property[] | null {
    const world = decode(from);
    const second = world.store.second;
    const broken = this.possible[action]!.run(world);
    if (!broken) return null;
    encode(world, into);
    const isLost = second === 1 && world.store.second === 0 && !this.possible[action]!.name.includes('falls back');
    return isLost ? [...broken, NEW_SESSION_LIVES] : broken;
  }

  private ofTheStore(): Action[] {
    const passes = (ticks: number) => (world: World) => {
      if (world.elapsed + ticks > LAST) return null;
      world.elapsed += ticks;
      // Memories end while the store cannot be reached: then nobody is left to give back what it lost.
      if (this.isPending(world)) this.excuse(world);
      return HOLDS;
    };
    return [
      { name: 'a second passes', run: passes(1) },
      { name: `${LEAP} seconds pass`, run: passes(LEAP) },
      {
        name: 'the store is copied',
        run: (world) => {
          if (world.copied || world.fellBack) return null;
          world.copied = 1;
          world.copy = { ...world.store, stream: [...world.store.stream] };
          return HOLDS;
        },
      },
      ...[0, CLOCK_STEP].map((behind) => ({
        name: `the store falls back to its copy, its clock ${behind} s behind`,
        run: (world: World) => {
          if (!world.copied) return null;
          world.store = world.copy;
          world.copy = { first: 0, second: 0, noted: 0, stream: [] };
          [world.copied, world.fellBack, world.behind] = [0, 1, behind];
          for (const instance of world.instances) instance.windowRead = 0;
          this.excuse(world);
          return HOLDS;
        },
      })),
      {
        name: 'a login with the new password',
        run: (world) => {
          if (world.store.second || world.ending !== GENERATION || !world.acknowledged || !world.store.noted)
            return null;
          world.store.second = 1;
          return HOLDS;
        },
      },
    ];
  }

  private ofInstance(index: number): Action[] {
    const on = (what: string, run: (world: World, instance: Instance) => readonly Property[] | null): Action => ({
      name: `instance ${index + 1} ${what}`,
      run: (world) => run(world, world.instances[index]!),
    });
    const starts = (kind: number) => (world: World) => {
      if (world.ending) return null;
      [world.ending, world.by, world.phase] = [kind, index, 1];
      if (kind === GENERATION) world.store.noted = 1;
      world.store.first = 0;
      return HOLDS;
    };
    return [
      on('removes the session for a logout', starts(SESSION)),
      on('raises the generation and removes the session', starts(GENERATION)),
      on('publishes that, and acknowledges it', (world, instance) => {
        if (world.phase !== 1 || world.by !== index) return null;
        const entry = { kind: world.ending, id: 0, at: now(world), keepFor: this.retention };
        this.append(world, entry);
        this.hold(world, instance, [entry]);
        [world.phase, world.acknowledged] = [2, world.elapsed];
        return HOLDS;
      }),
      on('loses its connection', (world, instance) => {
        if (!world.cutsLeft || !instance.windowRead) return null;
        world.cutsLeft--;
        instance.windowRead = 0;
        return HOLDS;
      }),
      on('is replaced by one that remembers nothing', (world, instance) => {
        if (!world.restartsLeft || (world.by === index && world.phase === 1)) return null;
        world.restartsLeft--;
        Object.assign(instance, { windowRead: 0, position: 0, knownAsOf: 0, lost: 0, held: [] });
        this.excuse(world);
        return HOLDS;
      }),
      on('reads the feed', (world, instance) => this.read(world, instance)),
      on('gives back what was lost', (world, instance) => this.heal(world, instance)),
      on('is asked to refresh', (world, instance) => this.refresh(world, instance)),
      on('is asked to renew', (world, instance) => this.renew(world, instance)),
      on('is shown the access token', (world, instance) => this.guard(world, instance)),
    ];
  }

  private append({ store }: World, entry: Entry): void {
    const last = store.stream.at(-1)?.id ?? 0;
    store.stream.push({ ...entry, id: Math.max(last + 1, entry.at * 2) });
  }

  private read(world: World, instance: Instance): readonly Property[] {
    const whole = !instance.windowRead && this.rules.readsWholeWindow;
    const { stream } = world.store;
    this.hold(world, instance, whole ? stream : stream.filter(({ id }) => id > instance.position));
    instance.position = stream.at(-1)?.id ?? 0;
    instance.knownAsOf = world.elapsed;
    if (whole) {
      const lost = this.rules.lostRevocations(this.listOf(world, instance).entries(), stream.map(revocationOf));
      instance.lost = lost.reduce((bits, entry) => bits | kindOf(entry), 0);
    }
    instance.windowRead = 1;
    return HOLDS;
  }

  private heal(world: World, instance: Instance): readonly Property[] | null {
    if (!instance.lost || !instance.windowRead) return null;
    const lost = instance.held.filter(({ kind }) => instance.lost & kind);
    for (const repair of this.rules.repeatsEffects ? this.rules.repairsOf(lost.map(revocationOf)) : []) {
      const { store } = world;
      if (repair.kind === 'end') {
        if (repair.sid === 'first') store.first = 0;
        continue;
      }
      store.noted = Math.max(store.noted, repair.generation);
      store.first = 0;
      if (!this.rules.sparesNewSessions || repair.generation > 1) store.second = 0;
    }
    for (const entry of lost) this.append(world, entry);
    instance.lost = 0;
    // From now on each instance that reads the feed can know of it.
    if (world.acknowledged) world.acknowledged = world.elapsed;
    return HOLDS;
  }

  private refresh(world: World, instance: Instance): readonly Property[] | null {
    if (this.isRefused(world, instance)) {
      world.store.first = 0;
      return HOLDS;
    }
    if (!world.store.first || world.store.noted > 0) return world.ending ? HOLDS : [NOBODY_IS_ENDED];
    world.exp = Math.min(255, now(world) + ACCESS_TTL);
    world.gap = this.isPending(world) ? 1 : 0;
    const judged = world.acknowledged > 0 && !world.excused && !this.isPending(world);
    return judged ? [STAYS_ENDED] : HOLDS;
  }

  private renew(world: World, instance: Instance): readonly Property[] | null {
    const isStale = this.rules.mindsStaleness && world.elapsed - instance.knownAsOf > MAX_STALENESS;
    if (world.exp <= now(world) || this.isRefused(world, instance) || isStale) return null;
    world.exp = now(world) + ACCESS_TTL;
    return HOLDS;
  }

  private guard(world: World, instance: Instance): readonly Property[] | null {
    if (world.exp <= now(world) || this.isRefused(world, instance)) return null;
    const canKnow = world.acknowledged > 0 && instance.knownAsOf > world.acknowledged && instance.windowRead === 1;
    return canKnow && !world.excused && !world.gap && !this.isPending(world) ? [TOKEN_IS_DEAD] : HOLDS;
  }

  /** While somebody who remembers has yet to notice the fall, or to give back what it found lost. */
  private isPending(world: World): boolean {
    return world.fellBack === 1 && world.instances.some(({ windowRead, lost }) => !windowRead || lost > 0);
  }

  /** An end that nobody remembers any more, and that the feed has lost. */
  private excuse(world: World): void {
    const isKnown = world.instances.some((instance) => this.isRefused(world, instance));
    const isKept = world.store.stream.some(({ kind }) => kind === world.ending);
    if (world.ending && world.fellBack && !isKnown && !isKept) world.excused = 1;
    // An end that is on its way may finish later, and then it counts anew.
    if (world.phase === 1 && world.fellBack) world.excused = 1;
  }

  private isRefused(world: World, instance: Instance): boolean {
    const token = { sub: 'ann', sid: 'first', gen: 0 };
    return this.listOf(world, instance).check(token) !== null;
  }

  private hold(world: World, instance: Instance, entries: readonly Entry[]): void {
    const list = this.listOf(world, instance);
    for (const entry of entries) list.add(revocationOf(entry), now(world) * 1000);
    instance.held = this.entriesOf(list);
  }

  private listOf(world: World, { held }: Instance) {
    const list = new this.rules.RevocationList(this.retention * 1000);
    for (const entry of held) list.add(revocationOf(entry), now(world) * 1000);
    list.prune(now(world) * 1000);
    return list;
  }

  private entriesOf(list: InstanceType<Rules['RevocationList']>): Entry[] {
    return [...list.entries()].map((entry) => ({
      kind: kindOf(entry),
      id: 0,
      at: entry.at / 1000,
      keepFor: (entry.keepFor ?? 0) / 1000,
    }));
  }
}
