/** A command that was written wrongly. */
export class UsageError extends Error {}

/** The error of `parseArgs()` without its advice on arguments that begin with a dash: no command takes one. */
export const usageErrorOf = (error: unknown): UsageError =>
  new UsageError((error as Error).message.replace(/\. To specify a positional argument .*/s, '.'), { cause: error });
