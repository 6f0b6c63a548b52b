// Looked up once: inside Jest's sandbox each look-up of a global costs more than the step it serves.
const { imul } = Math;

/** A finite world that can be walked through, one step after the other. A state is `width` bytes, compared as bytes. */
export interface System<Rule> {
  /** Bytes of a state, a multiple of 4. */
  readonly width: number;
  readonly initial: Uint8Array;
  readonly actions: readonly string[];
  /** Takes one action from one state into the other. Gives the rules it broke; null where it cannot happen. */
  step(action: number, from: Uint8Array, into: Uint8Array): readonly Rule[] | null;
}

export interface Exploration<Rule> {
  /** Distinct states, the initial one included. */
  readonly states: number;
  readonly steps: number;
  /** Length of the longest shortest path walked. */
  readonly depth: number;
  /** Whether every state there is was seen, not only those within the depth asked for. */
  readonly complete: boolean;
  readonly violation?: { readonly rules: readonly Rule[]; readonly trace: readonly string[] };
}

/**
 * Breadth first through every interleaving, so that the first violation found has the shortest trace. States are
 * compared in full, never by a hash alone: a collision would silently cut a branch off.
 */
export function explore<Rule>(system: System<Rule>, maxDepth: number): Exploration<Rule> {
  const states = new StateSet(system.width);
  const next = new Uint8Array(system.width);
  states.add(system.initial, -1, -1);
  let steps = 0;
  let depth = 0;
  let layerEnd = 1;

  for (let current = 0; current < states.size; current++) {
    if (current === layerEnd) {
      depth++;
      layerEnd = states.size;
    }
    if (depth === maxDepth) return { states: states.size, steps, depth, complete: false };
    const from = states.at(current);
    for (let action = 0; action < system.actions.length; action++) {
      const rules = system.step(action, from, next);
      if (!rules) continue;
      steps++;
      if (rules.length > 0) {
        const trace = [...states.pathTo(current), action].map((taken) => system.actions[taken] ?? '?');
        return { states: states.size, steps, depth: depth + 1, complete: false, violation: { rules, trace } };
      }
      states.add(next, current, action);
    }
  }
  return { states: states.size, steps, depth, complete: true };
}

/** The states seen, in the order of their discovery: the queue of the walk, the memory of it, and the way back. */
class StateSet {
  size = 0;
  private capacity = 1 << 14;
  private readonly words: number;
  private memory: Int32Array;
  private bytes: Uint8Array;
  private parents: Int32Array;
  private actions: Uint8Array;
  private table: Int32Array;

  constructor(private readonly width: number) {
    this.words = width / 4;
    this.memory = new Int32Array(this.capacity * this.words);
    this.bytes = new Uint8Array(this.memory.buffer);
    this.parents = new Int32Array(this.capacity);
    this.actions = new Uint8Array(this.capacity);
    this.table = new Int32Array(this.capacity * 2).fill(-1);
  }

  at(index: number): Uint8Array {
    return this.bytes.subarray(index * this.width, (index + 1) * this.width);
  }

  add(state: Uint8Array, parent: number, action: number): void {
    if (this.size === this.capacity) this.grow();
    const candidate = this.size;
    this.bytes.set(state, candidate * this.width);
    const slot = this.slotOf(candidate);
    if (this.table[slot] !== -1) return;
    this.table[slot] = candidate;
    this.parents[candidate] = parent;
    this.actions[candidate] = action;
    this.size++;
  }

  pathTo(index: number): number[] {
    const path: number[] = [];
    for (let at = index; at > 0; at = this.parents[at] as number) path.unshift(this.actions[at] as number);
    return path;
  }

  private slotOf(candidate: number): number {
    const { memory, words, table } = this;
    const mask = table.length - 1;
    const start = candidate * words;
    let hash = 0x9e3779b9;
    for (let i = start; i < start + words; i++) {
      hash = imul(hash ^ (memory[i] as number), 0x85ebca6b);
      hash ^= hash >>> 15;
    }
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const known = table[slot] as number;
      if (known === -1 || this.equal(known * words, start)) return slot;
    }
  }

  private equal(one: number, other: number): boolean {
    const { memory, words } = this;
    for (let i = 0; i < words; i++) if (memory[one + i] !== memory[other + i]) return false;
    return true;
  }

  private grow(): void {
    const grown = <T extends Int32Array | Uint8Array>(old: T, into: T): T => {
      into.set(old);
      return into;
    };
    this.capacity *= 2;
    this.memory = grown(this.memory, new Int32Array(this.capacity * this.words));
    this.bytes = new Uint8Array(this.memory.buffer);
    this.parents = grown(this.parents, new Int32Array(this.capacity));
    this.actions = grown(this.actions, new Uint8Array(this.capacity));
    this.table = new Int32Array(this.capacity * 2).fill(-1);
    for (let i = 0; i < this.size; i++) this.table[this.slotOf(i)] = i;
  }
}
