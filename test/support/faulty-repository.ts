import {
  TokenRepository,
  type AdvanceCommand,
  type AdvanceResult,
  type EndNote,
  type ExtendCommand,
  type ExtendResult,
  type HostClaims,
  type OpenCommand,
  type OpenResult,
  type SessionClaimsCommand,
  type Snapshot,
} from '../../src/index.js';
import type { SessionEndReason } from '../../src/index.js';

/** What goes wrong with one command: given the command's true run, gives what the caller sees of it. */
export type Fault<T> = (run: () => Promise<T>) => Promise<T>;

/**
 * A real repository behind a line that loses, delays and doubles. Each fault strikes the next call of its command,
 * then is gone; `calls` tells what was asked, in order.
 */
export class FaultyRepository extends TokenRepository {
  readonly calls: string[] = [];
  readonly commandTimeout: number;
  private readonly faults = new Map<string, Fault<never>[]>();

  constructor(private readonly inner: TokenRepository) {
    super();
    this.commandTimeout = inner.commandTimeout;
  }

  next(command: 'open', ...faults: Fault<OpenResult>[]): void;
  next(command: 'advance', ...faults: Fault<AdvanceResult>[]): void;
  next(command: 'extend', ...faults: Fault<ExtendResult>[]): void;
  next(command: 'find', ...faults: Fault<Snapshot>[]): void;
  next(command: 'end' | 'endBelow', ...faults: Fault<readonly string[]>[]): void;
  next(command: string, ...faults: Fault<never>[]): void {
    this.faults.set(command, [...(this.faults.get(command) ?? []), ...faults]);
  }

  open(command: OpenCommand) {
    return this.run('open', () => this.inner.open(command));
  }

  find(sub: string, sid: string) {
    return this.run('find', () => this.inner.find(sub, sid));
  }

  advance(command: AdvanceCommand) {
    return this.run('advance', () => this.inner.advance(command));
  }

  extend(command: ExtendCommand) {
    return this.run('extend', () => this.inner.extend(command));
  }

  end(sub: string, sids: readonly string[], reason: SessionEndReason, retention: number, note?: EndNote) {
    return this.run('end', () => this.inner.end(sub, sids, reason, retention, note));
  }

  endBelow(sub: string, generation: number, reason: SessionEndReason, retention: number, note?: EndNote) {
    return this.run('endBelow', () => this.inner.endBelow(sub, generation, reason, retention, note));
  }

  override history(sub: string) {
    return this.run('history', () => this.inner.history(sub));
  }

  list(sub: string) {
    return this.run('list', () => this.inner.list(sub));
  }

  raiseGeneration(sub: string, target: number, keep: number) {
    return this.run('raiseGeneration', () => this.inner.raiseGeneration(sub, target, keep));
  }

  changeClaims(sub: string, claims: HostClaims | null, keep: number) {
    return this.run('changeClaims', () => this.inner.changeClaims(sub, claims, keep));
  }

  setSessionClaims(command: SessionClaimsCommand) {
    return this.run('setSessionClaims', () => this.inner.setSessionClaims(command));
  }

  generationOf(sub: string) {
    return this.run('generationOf', () => this.inner.generationOf(sub));
  }

  time() {
    return this.inner.time();
  }

  private async run<T>(command: string, execute: () => Promise<T>): Promise<T> {
    this.calls.push(command);
    const fault = this.faults.get(command)?.shift() as Fault<T> | undefined;
    return fault ? fault(execute) : execute();
  }
}
