/*
 * What every server of a benchmark has to do with the benchmark, whatever it is made of: no framework is loaded here, since
 * a peer may bring another version of it.
 */

/** What the benchmark asked for. */
export const config = JSON.parse(process.argv[2]);

/** Decorates a method as a class body would; plain JavaScript has no decorators yet. */
export function decorate(target, method, ...decorators) {
  const descriptor = Object.getOwnPropertyDescriptor(target.prototype, method);
  for (const decorator of decorators.toReversed()) decorator(target.prototype, method, descriptor);
}

/**
 * Says to the benchmark that the server listens, answers with the CPU time used, and ends with the benchmark.
 * @param ready its `port`, and what else the benchmark has to know, such as tokens
 */
export function tellReady(ready) {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send(user + system);
  });
  // eslint-disable-next-line unicorn/no-process-exit -- ends with the process that started it, whatever is still open
  process.on('disconnect', () => process.exit());
  process.send(ready);
}
