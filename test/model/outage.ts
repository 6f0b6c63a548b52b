import type { Scenario } from './rules.js';
import type { World } from './world.js';

// Looked up once: inside Jest's sandbox each look-up of a global costs more than the step it serves.
const { min } = Math;

/** A failover or a restored dump: the store goes back in time, its clock does not. */
export function loseLastWrites(world: World, scenario: Scenario): void {
  world.sessions.forEach((session, sid) => {
    const kept = world.kept[sid]!;
    session.snapshotSeq = kept.seq;
    if (session.loginAt && !kept.live) session.cause = 1;
    if (!kept.live || !scenario.slides || session.top === kept.seq) return;
    // The idle end that the newest token still proves; what else had moved it is lost.
    session.idleEnd = min(world.useOf(sid, session.top - 1).at + scenario.idle, session.absoluteEnd);
  });
  world.restoreSnapshot();
  world.globals.rolledBack = 1;
  // An entry of the feed that nobody has read goes with the rest.
  if (world.revocation.published) world.revocation.published = 2;
}

/** A new process: it knows nothing of what the old one remembered, and the feed lost it too. */
export function replaceInstance(world: World): void {
  world.globals.heardGeneration = 0;
  for (const session of world.sessions) session.heard = 0;
  // What an instance never learned is lost with it: to the client, a lost answer.
  for (const { attempt, sid, seq } of [...world.requests, ...world.unlearned]) {
    if (attempt) world.useOf(sid, seq).answered = 1;
  }
  for (const request of world.requests) world.forget(request);
  for (const attempt of world.unlearned) world.learn(attempt);
}
