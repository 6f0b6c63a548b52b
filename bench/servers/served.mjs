import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ExpressAdapter } from '@nestjs/platform-express';
import { NestFactory } from '@nestjs/core';
import { config, tellReady } from './asked.mjs';

export { config, decorate } from './asked.mjs';

/**
 * Serves a module on a free port, and tells the benchmark so.
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
  tellReady({ port: app.getHttpServer().address().port, ...(await more(app)) });
}
