interface Answer {
  readonly status: number;
  readonly code?: string;
  readonly refreshToken?: string;
}

export class History {
  constructor(clock?: () => number);
  readonly size: number;
  opened(token: string): void;
  refresh(token: string, facts: { key?: string; at: string; grace?: number }): (answer: Answer) => void;
  end(sub: string, sid?: string, reason?: string): (acknowledged: boolean) => void;
  wait(sub: string, sid: string, by: number): () => void;
  losesWrites(facts?: { since?: number; remembered?: boolean }): () => void;
  losesAll(): () => void;
  check(): string[];
}
