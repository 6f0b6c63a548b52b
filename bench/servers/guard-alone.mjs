import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { ISSUER, tokenShop } from '../tokens.mjs';

/** A request as a framework makes it: an object of its own, whose header is a text that nobody has looked up before. */
const requestWith = (header) => ({
  headers: { host: 'localhost', authorization: header.latin1Slice(0, header.length) },
  body: undefined,
});

function HelloController() {}
const hello = () => ({ hello: 'world' });

/**
 * The guard without HTTP, for tokens that it has seen before; and what the rest of the call takes.
 * @param from folder of a build
 * @param count of tokens
 */
export async function guardCases(from, count) {
  const { AuthModule, InMemoryTokenRepositoryModule, JwtAuthGuard } = await import(new URL('index.js', from).href);
  const { keys, issue } = await tokenShop('ES256', from);
  const auth = AuthModule.forRoot({ issuer: ISSUER, keys, store: InMemoryTokenRepositoryModule.forRoot() });
  const module = { module: function AppModule() {}, imports: [auth], providers: [JwtAuthGuard] };
  const app = await NestFactory.createApplicationContext(module, { logger: ['error'] });
  const guard = app.get(JwtAuthGuard);
  const contextOf = (header) => {
    const context = new ExecutionContextHost([requestWith(header), {}], HelloController, hello);
    context.setType('http');
    return context;
  };
  const headers = Array.from({ length: count }, (_, n) => Buffer.from(`Bearer ${issue(`user-${n}`)}`));
  for (const header of headers) await guard.canActivate(contextOf(header));
  const letIn = (header) => {
    if (guard.canActivate(contextOf(header)) !== true) throw new Error('a token seen before was not let in at once');
  };
  return [
    { name: 'make a request that nobody guards', inputs: headers, work: contextOf },
    { name: 'make a request and guard it, token seen before', inputs: headers, work: letIn },
  ];
}
