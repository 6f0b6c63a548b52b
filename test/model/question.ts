import type { PresentedToken, RotationDecision, RotationRequest } from '../../src/sessions/rotation.js';
import type { SessionRecord } from '../../src/sessions/session.js';
import type { Rules, Scenario } from './rules.js';
import type { World } from './world.js';

const TEXTS = Array.from({ length: 32 }, (_, i) => String(i));
export const attemptText = (attempt: number): string => TEXTS[attempt]!;
export const secretOf = (sid: number): string => `secret ${TEXTS[sid]}`;

/** Puts a question about the stored record to the function that ships, in its own terms. */
export function ask(
  world: World,
  rules: Rules,
  scenario: Scenario,
  sid: number,
  token: PresentedToken,
  request: RotationRequest,
): RotationDecision {
  const record = world.recordOf(sid).live ? recordOf(world, rules, sid) : null;
  const policy = { grace: scenario.grace * 1000, idleTtl: scenario.idle * 1000, slides: scenario.slides };
  return rules.decide(record, token, request, policy, world.now * 1000);
}

function recordOf(world: World, rules: Rules, sid: number): SessionRecord {
  const stored = world.recordOf(sid);
  const { generation, absoluteEnd, loginAt } = world.sessionOf(sid);
  return {
    sid: attemptText(sid),
    sub: 'subject',
    clientId: 'default',
    transport: 'body',
    seq: stored.seq,
    rotatedAt: rules.rotatedAt(stored) * 1000,
    attempt: attemptText(stored.attempt),
    secretHash: secretOf(sid),
    createdAt: loginAt * 1000,
    authTime: stored.authTime,
    amr: [],
    idleEnd: stored.idleEnd * 1000,
    absoluteEnd: absoluteEnd * 1000,
    generation,
    persistent: true,
    claimsAt: loginAt * 1000,
    device: {},
  };
}
