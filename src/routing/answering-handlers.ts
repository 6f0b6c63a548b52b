import { RESPONSE_PASSTHROUGH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import type { MarkedHandler } from './marked-handlers.js';

/** `@Res()` and `@Next()` among Nest's kinds of parameters. */
const ANSWERING = /^[12]:/;

/** Whether a handler writes its answer itself: `@Res()` without `passthrough`, or `@Next()`. Its headers are sent by then. */
export function answersItself({ method }: MarkedHandler): boolean {
  if (!method) return false;
  const read = (key: string): unknown => Reflect.getMetadata(key, method.of, method.name);
  const parameters = Object.keys((read(ROUTE_ARGS_METADATA) as object | undefined) ?? {});
  return parameters.some((parameter) => ANSWERING.test(parameter)) && read(RESPONSE_PASSTHROUGH_METADATA) !== true;
}
