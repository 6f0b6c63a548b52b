import { ask } from './question.js';
import type { Rules, Scenario } from './rules.js';
import type { Seen } from './seen.js';
import type { World } from './world.js';

/** What a request does whose token bears another secret than the session's: from the first step to the last in one. */
export function forge(world: World, rules: Rules, scenario: Scenario, seen: Seen, sid: number, seq: number): void {
  const { generation } = world.sessionOf(sid);
  seen.forged = true;
  if (
    rules.advance(
      world,
      { sid, genuine: false, generation, expectSeq: seq, nextSeq: seq + 1, attempt: 0, healed: 0 },
      scenario,
    )
  )
    return;
  const token = { seq, secretHash: 'another', generation, issuedAt: world.now * 1000 };
  const { kind } = ask(world, rules, scenario, sid, token, { attempt: '0', attemptTtl: Infinity, generation });
  if (kind === 'reuse' || kind === 'over' || kind === 'outdated') world.remove(world.recordOf(sid));
}
