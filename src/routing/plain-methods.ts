import type { MarkedHandler } from './marked-handlers.js';

/**
 * What stands on classes and methods that nobody but the host's own code calls: types, what Nest injects, enhancers, and
 * what is ours. Whatever makes a handler of one (a route, a resolver, a job of another package) leaves a key of its own.
 */
const OF_NO_HANDLER =
  /^(design:|keyturn:|swagger|self:|optional:|__injectable__$|__guards__$|__interceptors__$|__pipes__$|__exceptionFilters__$|scope:options$)/;

const isPlain = (target: object, member?: string): boolean =>
  Reflect.getMetadataKeys(target, member!).every((key) => typeof key === 'string' && OF_NO_HANDLER.test(key));

/** Whether a method, or a class with all of its methods, is for calls of the host's own code alone, where no guard runs. */
export function isPlainMethod({ target, method }: MarkedHandler, all: readonly MarkedHandler[]): boolean {
  if (method) return isPlain(target) && isPlain(method.of.prototype as object, method.name) && isPlain(method.of);
  const methods = all.filter((other) => other.method?.of === target);
  return isPlain(target) && methods.every((other) => isPlainMethod(other, all));
}
