/** One entry, in the stream or held by an instance. Ticks of one second; `at` 0: there is none. */
export interface Entry {
  kind: number;
  id: number;
  at: number;
  keepFor: number;
}

/** What each instance knows. */
export interface Instance {
  /** Whether the whole window was read since the last break. */
  windowRead: number;
  position: number;
  /** By the clock that nobody sets: when its knowledge was fresh last. */
  knownAsOf: number;
  /** Kinds that it has found lost and not yet given back: a bit for each. */
  lost: number;
  held: Entry[];
}

/** What the store holds: sessions and stream, which fall back together. */
export interface Store {
  /** The session of the old password, and one that was opened with the new one. */
  first: number;
  second: number;
  noted: number;
  stream: Entry[];
}

export interface World {
  /** Elapsed time, and by how much the store's clock is behind it. */
  elapsed: number;
  behind: number;
  store: Store;
  copy: Store;
  copied: number;
  fellBack: number;
  instances: Instance[];
  /** `exp` of the latest access token of the first session; 0: it has none. */
  exp: number;
  /** Whether that token was issued while a lost end was not given back yet. */
  gap: number;
  /** What is being ended, by which instance, and how far that is. */
  ending: number;
  by: number;
  phase: number;
  /** Elapsed time at which the end was acknowledged; 0: not yet. */
  acknowledged: number;
  /** The end was lost with everybody who remembered it: told among what remains. */
  excused: number;
  restartsLeft: number;
  cutsLeft: number;
}

export const INSTANCES = 2;
export const SESSION = 1;
export const GENERATION = 2;
const STREAM = 4;
const HELD = 2;
const ENTRY = 4;
const STORE = 3 + STREAM * ENTRY;
const INSTANCE = 4 + HELD * ENTRY;
const SINGLE = 13;

export const WIDTH = (SINGLE + 2 * STORE + INSTANCES * INSTANCE + 3) & ~3;

/** Written and read in one order; a world is compared by its bytes. */
export function encode(world: World, into: Uint8Array): void {
  let at = 0;
  const put = (...values: readonly number[]): void => values.forEach((value) => (into[at++] = value));
  const putEntries = (entries: readonly Entry[], count: number): void => {
    if (entries.length > count) throw new Error(`The model has no room for ${entries.length} entries.`);
    for (let i = 0; i < count; i++) {
      const { kind, id, at: when, keepFor } = entries[i] ?? { kind: 0, id: 0, at: 0, keepFor: 0 };
      put(kind, id, when, keepFor);
    }
  };
  const putStore = ({ first, second, noted, stream }: Store): void => {
    put(first, second, noted);
    putEntries(stream, STREAM);
  };
  into.fill(0);
  put(world.elapsed, world.behind, world.copied, world.fellBack, world.exp, world.gap, world.ending, world.by);
  put(world.phase, world.acknowledged, world.excused, world.restartsLeft, world.cutsLeft);
  putStore(world.store);
  putStore(world.copy);
  for (const { windowRead, position, knownAsOf, lost, held } of world.instances) {
    put(windowRead, position, knownAsOf, lost);
    putEntries(held, HELD);
  }
}

export function decode(from: Uint8Array): World {
  let at = 0;
  const take = (): number => from[at++]!;
  const entries = (count: number): Entry[] =>
    Array.from({ length: count }, () => ({ kind: take(), id: take(), at: take(), keepFor: take() })).filter(
      ({ kind }) => kind > 0,
    );
  const store = (): Store => ({ first: take(), second: take(), noted: take(), stream: entries(STREAM) });
  return {
    elapsed: take(),
    behind: take(),
    copied: take(),
    fellBack: take(),
    exp: take(),
    gap: take(),
    ending: take(),
    by: take(),
    phase: take(),
    acknowledged: take(),
    excused: take(),
    restartsLeft: take(),
    cutsLeft: take(),
    store: store(),
    copy: store(),
    instances: Array.from({ length: INSTANCES }, () => ({
      windowRead: take(),
      position: take(),
      knownAsOf: take(),
      lost: take(),
      held: entries(HELD),
    })),
  };
}
