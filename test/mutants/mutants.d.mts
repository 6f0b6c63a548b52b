export interface ModelKill {
  readonly scenario?: string;
  readonly killedBy: number | string;
}

export interface Mutant {
  readonly name: string;
  readonly find: string;
  readonly replace: string;
  readonly breaks: string;
  readonly file?: string;
  readonly tests?: readonly string[];
  readonly model?: ModelKill;
}

export interface Area {
  readonly file: string;
  readonly tests: readonly string[];
  readonly mutants: readonly Mutant[];
}

export function mutate(mutant: Pick<Mutant, 'name' | 'find' | 'replace'>, source: string): string;
