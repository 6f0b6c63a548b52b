type Counts = Readonly<Record<string, number>>;

export interface QuickFigures {
  /** By the way to use Keyturn: files by package, `own` for ours. */
  readonly modules: Readonly<Record<string, Counts>>;
  /** By the kind of request: Redis commands by name. */
  readonly commands: Readonly<Record<string, Counts>>;
  readonly bytes: Counts;
  readonly ratios: Counts;
}

export function regressions(recorded: Partial<QuickFigures>, seen: QuickFigures): string[];
export function isGross(had: number, has: number): boolean;
