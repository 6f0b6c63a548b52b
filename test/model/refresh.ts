import { TRIES } from '../../src/sessions/rotation-steps.js';
import type { RotationDecision } from '../../src/sessions/rotation.js';
import { freshAttempt, noteTwins, remember, remembered, settle } from './attempts.js';
import { NO_SUBJECT } from './subject.js';
import { ObservedStore } from './observed-store.js';
import { ask, attemptText, secretOf } from './question.js';
import type { Rules, Scenario } from './rules.js';
import type { RefusalCode, Seen } from './seen.js';
import type { Advance } from './store.js';
import { ACTORS } from './world.js';
import type { Request, World } from './world.js';

// Looked up once: inside Jest's sandbox each look-up of a global costs more than the step it serves.
const { max } = Math;

export const IDLE = 0;
/** The list and the host were asked; the store is next. */
export const BEGUN = 1;
/** Lost the compare, will advance once more: `a` expected seq, `b` next seq, `c` healed idle end. */
export const AGAIN = 2;
/** Decided that the session must end, for reason `a`. */
export const ENDING = 3;
/** The answer is on its way: successor's seq `a` and iat `b`. */
export const ANSWERED = 4;
/** As ANSWERED, but the host is only asked now (a mutant). */
export const LOADING = 5;

/** Kinds of a delayed command. */
export const DELAYED_ADVANCE = 1;
export const DELAYED_RAISE = 2;

const CODES: readonly RefusalCode[] = ['session_ended', 'session_revoked', 'token_reused', 'token_invalid'];

/** What becomes of the command of one step: see the actions in model.ts. */
export type Delivery = 'answered' | 'executed twice' | 'executed, unanswered' | 'delayed' | 'answered, copy delayed';

/** The refresh service, step by step: all that may happen between two of its waits is one step here. */
export class RefreshFlow {
  private readonly store: ObservedStore;

  constructor(
    private readonly world: World,
    private readonly rules: Rules,
    private readonly scenario: Scenario,
    private readonly seen: Seen,
  ) {
    this.store = new ObservedStore(world, rules, scenario, seen);
  }

  /** Verifies the token, asks the revocation list, then the host. */
  begin(actor: number): void {
    const { world, scenario } = this;
    const jar = world.jarOf(actor);
    const request = world.requestOf(actor);
    request.sid = jar.sid;
    request.seq = jar.seq;
    request.iat = jar.iat;
    if (this.listed(request)) return this.refuse(actor, 'session_revoked');
    request.phase = BEGUN;
    request.late = world.sessionOf(jar.sid).acked;
    if (scenario.keyed) request.attempt = jar.key ||= freshAttempt(world);
    else request.attempt = remembered(world, request) || freshAttempt(world);
    if (scenario.loadSubject && this.rules.subjectLoadedFirst) request.loaded = world.globals.durable;
    for (let other = 0; other < ACTORS; other++) noteTwins(request, world.requestOf(other));
  }

  /** Whether the next step of this request is an advance, not a look. */
  advances(request: Request): boolean {
    if (request.phase === AGAIN) return true;
    return this.rules.advanceIsAtomic && request.loaded <= this.generationOf(request);
  }

  compare(actor: number, delivery: Delivery): void {
    const { world } = this;
    const request = world.requestOf(actor);
    const command = this.commandOf(request);
    if (delivery === 'delayed' || delivery === 'answered, copy delayed') this.delay(command);
    if (delivery === 'delayed') return this.unavailable(actor);

    let advanced = this.advances(request) && this.store.advance(command);
    if (delivery === 'executed, unanswered') return this.unavailable(actor);
    if (delivery === 'executed twice') advanced = this.store.advance(command);
    this.seen.about(request.sid, request.seq, request.attempt);
    this.seen.iat = request.iat;
    this.seen.late = request.late === 1;
    if (advanced) return this.succeed(request);
    this.follow(actor, this.decide(request));
  }

  runGhost(index: number): void {
    const { world } = this;
    const ghost = world.ghosts[index]!;
    const { sid, expectSeq, nextSeq, attempt, healed } = ghost;
    const generation = world.sessionOf(sid).generation;
    this.store.advance({ sid, genuine: true, generation, expectSeq, nextSeq, attempt, healed });
    world.drop(ghost);
  }

  end(actor: number): void {
    const { world } = this;
    const request = world.requestOf(actor);
    world.remove(world.recordOf(request.sid));
    this.refuse(actor, CODES[request.a]!);
  }

  /** The client stores the successor, unless what it holds by now is not the token it sent. */
  deliver(actor: number): void {
    const { world } = this;
    const request = world.requestOf(actor);
    const jar = world.jarOf(actor);
    if (this.holdsPresented(actor)) {
      jar.seq = request.a;
      jar.iat = request.b;
      jar.key = 0;
    }
    world.forget(request);
  }

  /** Only in the mutant that asks the host after the store. */
  loadLate(actor: number): void {
    const request = this.world.requestOf(actor);
    if (this.world.globals.durable > this.generationOf(request)) this.conclude(request, 'session_revoked');
    else this.sendSuccess(request);
  }

  /** 503: the client keeps its token. */
  unavailable(actor: number): void {
    const request = this.world.requestOf(actor);
    if (!this.scenario.keyed && request.phase !== LOADING)
      remember(this.world, request, this.rules.everyAttemptRemembered);
    this.world.forget(request);
  }

  private decide(request: Request): RotationDecision {
    const { world } = this;
    const record = world.recordOf(request.sid);
    // The attempts whose outcome was never learned are this token's own: if the record bears one of them, it counts.
    const own = remembered(world, request, record.attempt) || request.attempt;
    const generation = this.generationOf(request);
    const issuedAt = request.iat * 1000;
    const token = { seq: request.seq, secretHash: secretOf(request.sid), generation, issuedAt };
    this.seen.attempt = own;
    const known = request.loaded === NO_SUBJECT ? null : max(request.loaded, world.store.noted);
    const attemptTtl = this.scenario.attemptTtl * 1000;
    const asked = { attempt: attemptText(own), attemptTtl, generation: known };
    return ask(world, this.rules, this.scenario, request.sid, token, asked);
  }

  private follow(actor: number, decision: RotationDecision): void {
    const { world, seen } = this;
    const request = world.requestOf(actor);
    const session = world.sessionOf(request.sid);
    seen.verdict = decision.kind;
    switch (decision.kind) {
      case 'advance':
        seen.ahead = decision.ahead !== undefined;
        seen.futile = !this.store.wouldAdvance({
          ...this.commandOf(request),
          expectSeq: decision.expectSeq,
          nextSeq: decision.nextSeq,
          healed: (decision.ahead?.idleEnd ?? 0) / 1000,
        });
        if (++request.tries === TRIES) return this.unavailable(actor);
        request.phase = AGAIN;
        request.a = decision.expectSeq;
        request.b = decision.nextSeq;
        request.c = (decision.ahead?.idleEnd ?? 0) / 1000;
        return;
      case 'replay':
        this.rules.onReplay(world.recordOf(request.sid), world.now);
        return this.succeed(request);
      case 'gone':
        return this.refuse(actor, 'session_ended');
      case 'foreign':
        return this.refuse(actor, 'token_invalid');
      case 'over':
        if (world.now >= session.idleEnd || world.globals.rolledBack) session.cause = 1;
        return this.conclude(request, 'session_ended');
      case 'reuse':
        // What docs/protocol.md tells its users: a lost answer, a late twin, a late key. And theft, of course.
        if (session.stolen || request.twin || world.useOf(request.sid, request.seq).answered) session.cause = 1;
        if (decision.age > this.scenario.attemptTtl * 1000) session.cause = 1;
        if (!this.rules.endsOnReuse) return this.refuse(actor, 'token_reused');
        return this.conclude(request, 'token_reused');
      default:
        return this.conclude(request, 'session_revoked');
    }
  }

  private succeed(request: Request): void {
    const { world, seen, rules } = this;
    const record = world.recordOf(request.sid);
    const session = world.sessionOf(request.sid);
    settle(world, request);
    if (rules.listAskedAgain && this.listed(request)) return this.conclude(request, 'session_revoked');
    request.a = seen.answer.seq = record.seq;
    request.b = seen.answer.iat = record.rotatedAt;
    seen.answer.exp = rules.tokenExp(world, request.sid);
    seen.answer.accessExp = rules.accessExp(world.now, session);
    seen.answer.authTime = record.authTime;
    seen.verdict = 'success';
    if (rules.subjectLoadedFirst) this.sendSuccess(request);
    else request.phase = LOADING;
  }

  private sendSuccess(request: Request): void {
    request.phase = ANSWERED;
    this.world.useOf(request.sid, request.seq).answered = 1;
  }

  private conclude(request: Request, code: RefusalCode): void {
    request.phase = ENDING;
    request.a = CODES.indexOf(code);
  }

  private refuse(actor: number, code: RefusalCode): void {
    const { world, seen } = this;
    const request = world.requestOf(actor);
    seen.about(request.sid, request.seq, request.attempt);
    seen.refused = code;
    if (this.holdsPresented(actor)) world.empty(world.jarOf(actor));
    world.forget(request);
  }

  private holdsPresented(actor: number): boolean {
    const request = this.world.requestOf(actor);
    const jar = this.world.jarOf(actor);
    return jar.held === 1 && jar.sid === request.sid && jar.seq === request.seq && jar.iat === request.iat;
  }

  private listed(request: Request): boolean {
    const { sessions, globals } = this.world;
    return sessions[request.sid]!.heard === 1 || globals.heardGeneration > this.generationOf(request);
  }

  private generationOf(request: Request): number {
    return this.rules.tokenGeneration(this.world.sessionOf(request.sid), request.iat);
  }

  private commandOf(request: Request): Advance {
    const { sid, seq, attempt } = request;
    const again = request.phase === AGAIN;
    return {
      sid,
      genuine: true,
      generation: this.generationOf(request),
      expectSeq: again ? request.a : seq,
      nextSeq: again ? request.b : seq + 1,
      attempt,
      healed: again ? request.c : 0,
    };
  }

  private delay({ sid, expectSeq, nextSeq, attempt, healed }: Advance): void {
    const ghost = this.world.ghosts.find(({ kind }) => !kind)!;
    Object.assign(ghost, { kind: DELAYED_ADVANCE, sid, expectSeq, nextSeq, attempt, healed });
  }
}
