import type { Area, Mutant } from '../mutants.mjs';

export const AREAS: Readonly<Record<string, Area>>;
export const MUTANTS: readonly (Mutant & {
  readonly area: string;
  readonly file: string;
  readonly tests: readonly string[];
})[];
