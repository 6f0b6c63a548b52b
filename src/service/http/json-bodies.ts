import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';

/** A half of a character can come in by an escape alone, once the bytes are UTF-8. */
const ESCAPED_SURROGATE = /\\u[dD][89a-fA-F]/;
const ILL_FORMED = 'The body must be well-formed Unicode (UTF-8).';

/** More than any body needs. What checks bodies calls itself for each level, and would run out of stack. */
const DEEPEST = 32;

/**
 * Takes JSON and nothing else, and of that only well-formed Unicode: databases, hashes and loggers each do something
 * else with half a character, from an error to another text. Everything else is a 400, a 413 or a 415. No body at all is
 * none, also where its type is named.
 */
export function takeJsonAlone(fastify: FastifyInstance): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    // Many clients name the type in every request, with a body or without.
    if (bytes.length === 0) return done(null);
    if (!isUtf8(bytes)) return done(refusal(ILL_FORMED));
    const text = bytes.toString('utf8');
    if (isTooDeep(text)) return done(refusal(`The body must not be nested deeper than ${DEEPEST} levels.`));
    return parse(request, text, (error, body: unknown) => {
      if (!error && ESCAPED_SURROGATE.test(text) && !isWellFormed(body)) return done(refusal(ILL_FORMED));
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

/**
 * Whether a text has more than 32 brackets open at once, those in strings not counted. Asked before it is parsed, in one
 * pass and without recursion; whether it is JSON at all is for the parser to say.
 */
export function isTooDeep(json: string): boolean {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (isInString && character === '\\') at++;
    else if (character === '"') isInString = !isInString;
    else if (isInString) continue;
    else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
    if (depth > DEEPEST) return true;
  }
  return false;
}

const refusal = (message: string): Error & { statusCode: number } =>
  Object.assign(new Error(message), { statusCode: 400 });
