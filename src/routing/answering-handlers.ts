import type { MarkedHandler } from './marked-handlers.js';

/** Where Nest notes the parameters of a handler, and whether its `@Res()` has `passthrough`. */
const PARAMETERS = '__routeArguments__';
const PASSTHROUGH = '__responsePassthrough__';
/** `@Res()` and `@Next()` among Nest's kinds of parameters. */
const ANSWERING = /^[12]:/;

/** Whether a handler writes its answer itself: `@Res()` without `passthrough`, or `@Next()`. Its headers are sent by then. */
export function answersItself({ method }: MarkedHandler): boolean {
  if (!method) return false;
  const read = (key: string): unknown => Reflect.getMetadata(key, method.of, method.name);
  const parameters = Object.keys((read(PARAMETERS) as object | undefined) ?? {});
  return parameters.some((parameter) => ANSWERING.test(parameter)) && read(PASSTHROUGH) !== true;
}
