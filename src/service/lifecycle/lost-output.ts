/**
 * A log that cannot be written (its disk is full, its reader has died) costs its lines, and not the process: without a
 * listener Node ends it at the next line. Each line is tried anew, so the log goes on when there is room again.
 */
export function outliveLostOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}
