import type { ExecutionContext } from '@nestjs/common';

// `Symbol.for`, since the ESM and the CommonJS copy of the library may both be loaded in one process.
const MET = Symbol.for('keyturn:demands-met');

/** Noted on the context of a message. In a WeakMap it would cost the garbage collector 5 µs a message. */
interface Message extends ExecutionContext {
  [MET]?: boolean;
}

/** Whether the guard has let this message in, on a route that demands more than a good token. */
export const hasMetDemands = (context: ExecutionContext): boolean => (context as Message)[MET] === true;

/**
 * Notes for guards that come after that the caller met what the route demands. Not before the store has answered: a guard
 * of the host may catch its refusal and go on.
 */
export function noteMet(context: Message, lives: true | Promise<true>): true | Promise<true> {
  if (lives !== true) return lives.then(() => noteMet(context, true));
  context[MET] = true;
  return true;
}
