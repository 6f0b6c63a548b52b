import type { Scenario } from './rules.js';
import { SESSIONS } from './world.js';
import type { World } from './world.js';

// Looked up once: inside Jest's sandbox each look-up of a global costs more than the step it serves.
const { max, min } = Math;

/** `AdvanceCommand` of the repository contract, in the model's numbers. */
export interface Advance {
  readonly sid: number;
  /** Whether the token's secret is the session's. */
  readonly genuine: boolean;
  readonly generation: number;
  readonly expectSeq: number;
  readonly nextSeq: number;
  readonly attempt: number;
  /** 0: none. */
  readonly healed: number;
}

/** `TokenRepository.advance`, sentence by sentence. */
export function advance(world: World, command: Advance, scenario: Scenario): boolean {
  return advanceIf(world, command, scenario, { ends: true, generation: true });
}

/** The same with parts of the compare left out, as a mutant needs it. */
export function advanceIf(
  world: World,
  command: Advance,
  scenario: Scenario,
  compared: { readonly ends: boolean; readonly generation: boolean },
): boolean {
  if (!matches(world, command, compared)) return false;
  write(world, command, scenario);
  return true;
}

/** The compare alone. */
export function matches(
  world: World,
  command: Advance,
  compared: { readonly ends: boolean; readonly generation: boolean },
): boolean {
  const record = world.recordOf(command.sid);
  const { absoluteEnd } = world.sessionOf(command.sid);
  if (!record.live || !command.genuine || record.seq !== command.expectSeq) return false;
  if (compared.generation && world.store.noted > command.generation) return false;
  const idleEnd = command.healed || record.idleEnd;
  return !compared.ends || (world.now < idleEnd && world.now < absoluteEnd);
}

/** What an advance writes, without the compare. */
export function write(world: World, command: Advance, scenario: Scenario): void {
  const record = world.recordOf(command.sid);
  record.seq = command.nextSeq;
  record.rotatedAt = world.now;
  record.attempt = command.attempt;
  if (scenario.slides) record.idleEnd = min(world.now + scenario.idle, world.sessionOf(command.sid).absoluteEnd);
}

/** `TokenRepository.open` with room enough: seq 0, both ends from now. */
export function open(world: World, sid: number, generation: number, attempt: number, scenario: Scenario): void {
  const record = world.recordOf(sid);
  const session = world.sessionOf(sid);
  session.generation = generation;
  session.loginAt = record.authTime = record.rotatedAt = world.now;
  session.absoluteEnd = world.now + scenario.absolute;
  session.idleEnd = record.idleEnd = world.now + (scenario.slides ? scenario.idle : scenario.absolute);
  record.attempt = attempt;
  record.live = 1;
}

/** The conditional write of `extendSession`: it cannot bring a removed session back. */
export function extendIdle(world: World, sid: number, scenario: Scenario): void {
  const record = world.recordOf(sid);
  const session = world.sessionOf(sid);
  if (!record.live || world.now >= record.idleEnd) return;
  record.idleEnd = max(record.idleEnd, min(world.now + scenario.idle, session.absoluteEnd));
  session.idleEnd = max(session.idleEnd, record.idleEnd);
}

export function removeOlder(world: World, generation: number): void {
  for (let sid = 0; sid < SESSIONS; sid++) {
    if (world.sessionOf(sid).generation < generation) world.remove(world.recordOf(sid));
  }
}
