import type { Request, World } from './world.js';

// Looked up once: inside Jest's sandbox each look-up of a global costs more than the step it serves.
const { clz32 } = Math;

/** A number that nothing in this world bears: the smallest one, so that worlds alike but for their names are one. */
export function freshAttempt(world: World): number {
  let used = 1;
  const groups = [world.records, world.kept, world.unlearned, world.requests, world.ghosts, world.uses];
  for (const group of groups) for (const { attempt } of group) used |= 1 << attempt;
  for (const { key } of world.jars) used |= 1 << key;
  return 31 - clz32(~used & (used + 1));
}

type Token = Pick<Request, 'sid' | 'seq'>;

/** An attempt on this token whose outcome the instance never learned: the one asked for, or any. 0: none. */
export function remembered(world: World, { sid, seq }: Token, wanted?: number): number {
  for (const { attempt, sid: ofSid, seq: ofSeq } of world.unlearned) {
    if (attempt && ofSid === sid && ofSeq === seq && (wanted === undefined || attempt === wanted)) return attempt;
  }
  return 0;
}

export function remember(world: World, { sid, seq, attempt }: Request, everyAttempt: boolean): void {
  if (!everyAttempt) settle(world, { sid, seq });
  if (remembered(world, { sid, seq }, attempt)) return;
  const free = world.unlearned.find((each) => !each.attempt);
  if (free) Object.assign(free, { attempt, sid, seq });
}

export function settle(world: World, { sid, seq }: Token): void {
  for (const each of world.unlearned) if (each.attempt && each.sid === sid && each.seq === seq) world.learn(each);
}

/** Two requests with one token at the same time, and not by one attempt. */
export function noteTwins(request: Request, other: Request): void {
  if (other === request || !other.phase || other.attempt === request.attempt) return;
  if (other.sid === request.sid && other.seq === request.seq) other.twin = request.twin = 1;
}
