export interface Operation {
  readonly kind: 'refresh' | 'end' | 'wait';
  readonly outcome: 'ok' | 'refused' | 'done' | 'unknown';
  readonly asked: number;
  readonly answered: number;
  readonly gaveUp?: number;
  readonly seq?: number;
  readonly at?: string;
  readonly attempt?: string | null;
  readonly next?: string;
  readonly nextSeq?: number;
  readonly code?: string;
  readonly reason?: string;
  readonly by?: number;
}

export interface Incident {
  readonly id: number;
  readonly from: number;
  readonly until: number;
  readonly floor: number | null;
  readonly remembered?: boolean;
  readonly mayBeGone?: boolean;
}

export interface SessionHistory {
  readonly operations: readonly Operation[];
  readonly incidents?: readonly Incident[];
  readonly policy: { readonly grace: number; readonly attemptTtl: number };
  readonly openedAt?: number;
}

export function explain(history: SessionHistory): string | null;
