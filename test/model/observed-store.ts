import type { Rules, Scenario } from './rules.js';
import type { Seen } from './seen.js';
import { matches } from './store.js';
import type { Advance } from './store.js';
import type { World } from './world.js';

const { max, min } = Math;

/** The store's compare-and-advance, and what an observer, who is never rolled back, notes of it. */
export class ObservedStore {
  constructor(
    private readonly world: World,
    private readonly rules: Rules,
    private readonly scenario: Scenario,
    private readonly seen: Seen,
  ) {}

  /** Whether an advance that is asked for now would be done. */
  wouldAdvance(command: Advance): boolean {
    return matches(this.world, command, { ends: true, generation: true });
  }

  advance(command: Advance): boolean {
    const { world, seen, scenario } = this;
    if (!this.rules.advance(world, command, scenario)) return false;
    const { sid, attempt } = command;
    const seq = command.nextSeq - 1;
    const session = world.sessionOf(sid);
    const use = world.useOf(sid, seq);
    seen.advanced = true;
    seen.about(sid, seq, attempt);
    if (!use.at) {
      use.at = world.now;
      use.attempt = attempt;
      use.exp = this.rules.tokenExp(world, sid);
    }
    if (world.globals.rolledBack && seq >= session.top) session.healed = 1;
    session.top = max(session.top, seq + 1);
    if (scenario.slides) session.idleEnd = min(world.now + scenario.idle, session.absoluteEnd);
    return true;
  }
}
