import { AccountFlow, FIRST } from './accounts.js';
import { accountActions, clientActions, forgeries, refreshActions, storeActions } from './actions.js';
import type { Action } from './actions.js';
import type { System } from './explore.js';
import { broken } from './invariants.js';
import type { Invariant } from './invariants.js';
import { RefreshFlow } from './refresh.js';
import type { Rules, Scenario } from './rules.js';
import { Seen } from './seen.js';
import { open } from './store.js';
import { World } from './world.js';

/** Everything that can happen in a scenario under these rules. */
export class RotationModel implements System<Invariant> {
  private readonly world = new World();
  private readonly before = new World();
  private readonly seen = new Seen();
  private readonly possible: readonly Action[];
  readonly width = this.world.width;
  readonly initial: Uint8Array;
  readonly actions: readonly string[];

  /** @param symmetry whether worlds that differ only in which tab is which count as one: faster, but worse to read */
  constructor(
    private readonly scenario: Scenario,
    rules: Rules,
    private readonly symmetry = true,
  ) {
    const { world, seen } = this;
    const refresh = new RefreshFlow(world, rules, scenario, seen);
    const accounts = new AccountFlow(world, rules, scenario, seen);
    const parts = { world, rules, scenario, seen, refresh, accounts };
    this.possible = [refreshActions, clientActions, storeActions, accountActions, forgeries].flatMap((of) => of(parts));
    this.actions = this.possible.map(({ name }) => name);
    this.initial = this.afterLogin();
  }

  step(index: number, from: Uint8Array, into: Uint8Array): readonly Invariant[] | null {
    const action = this.possible[index]!;
    const { world, before, seen, scenario } = this;
    world.show(from);
    if (!action.when()) return null;
    into.set(from);
    world.show(into);
    before.show(from);
    seen.reset();
    action.run();
    const rules = broken({ before, after: world, seen, scenario });
    if (this.symmetry) world.sortTwins();
    return rules;
  }

  /** The honest client has just logged in. */
  private afterLogin(): Uint8Array {
    const { world, scenario } = this;
    const bytes = new Uint8Array(this.width);
    world.show(bytes);
    const { faults: faultsLeft, losses: lossesLeft, steals: stealsLeft } = scenario;
    const { extensions: extendsLeft, restarts: restartsLeft, clockSteps: clockStepsLeft } = scenario;
    const left = { faultsLeft, lossesLeft, stealsLeft, extendsLeft, restartsLeft, clockStepsLeft };
    Object.assign(world.globals, { now: 1, ...left });
    open(world, FIRST, 0, 1, scenario);
    world.sessionOf(FIRST).oldPassword = 1;
    Object.assign(world.jarOf(0), { held: 1, sid: FIRST, iat: 1 });
    return bytes;
  }
}
