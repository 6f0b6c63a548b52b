import type { ChildProcess, SpawnOptions } from 'node:child_process';

export function freePort(): Promise<number>;
export function until(what: string, condition: () => Promise<boolean>, patience?: number): Promise<void>;

export interface ProcessSetup extends Omit<SpawnOptions, 'env'> {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly entry?: string;
  readonly command?: readonly string[];
  readonly readyAt?: string;
  readonly isReady?: (answer: Response) => boolean;
  readonly readyWithin?: number;
  readonly onOutput?: (piece: string, from: 'stdout' | 'stderr') => void;
}

export interface StartedProcess {
  readonly url: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  readonly child: ChildProcess;
  readonly exit: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  log(): string;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export function startProcess(setup: ProcessSetup): Promise<StartedProcess>;
