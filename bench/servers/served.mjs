import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ExpressAdapter } from '@nestjs/platform-express';
import { NestFactory } from '@nestjs/core';

/** What the benchmark asked for. */
export const config = JSON.parse(process.argv[2]);

/** Decorates a method as a class body would; plain JavaScript has no decorators yet. */
export function decorate(target, method, ...decorators) {
  const descriptor = Object.getOwnPropertyDescriptor(target.prototype, method);
  for (const decorator of decorators.toReversed()) decorator(target.prototype, method, descriptor);
}

/**
 * Serves a module on a free port, says so to the benchmark, answers with the CPU time used, and ends with the benchmark.
 * @param more what else the benchmark has to know, such as tokens
 * @param configure what is set before it listens
 */
export async function serve(metadata, more = async () => ({}), configure = () => undefined) {
  const adapter = config.adapter === 'express' ? new ExpressAdapter() : new FastifyAdapter();
  const app = await NestFactory.create({ module: function AppModule() {}, ...metadata }, adapter, {
    logger: ['error'],
  });
  configure(app);
  await app.listen(0, '127.0.0.1');
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send(user + system);
  });
  // eslint-disable-next-line unicorn/no-process-exit -- ends with the process that started it, whatever is still open
  process.on('disconnect', () => process.exit());
  process.send({ port: app.getHttpServer().address().port, ...(await more(app)) });
}
