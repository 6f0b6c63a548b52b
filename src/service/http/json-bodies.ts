import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';

/** A half of a character can come in by an escape alone, once the bytes are UTF-8. */
const ESCAPED_SURROGATE = /\\u[dD][89a-fA-F]/;

/**
 * Takes JSON and nothing else, and of that only well-formed Unicode: databases, hashes and loggers each do something
 * else with half a character, from an error to another text. Everything else is a 400, a 413 or a 415.
 */
export function takeJsonAlone(fastify: FastifyInstance): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    if (!isUtf8(bytes)) return done(illFormed());
    const text = bytes.toString('utf8');
    return parse(request, text, (error, body: unknown) => {
      if (!error && ESCAPED_SURROGATE.test(text) && !isWellFormed(body)) return done(illFormed());
      return done(error, body);
    });
  });
}

/** Whether every text in a JSON value is well-formed, names of fields included. */
export function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([name, inner]) => name.isWellFormed() && isWellFormed(inner));
}

const illFormed = (): Error & { statusCode: number } =>
  Object.assign(new Error('The body must be well-formed Unicode (UTF-8).'), { statusCode: 400 });
