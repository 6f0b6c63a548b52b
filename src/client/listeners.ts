import type { Session, SessionEvents } from './session.types.js';

/** Tells the listeners of an event. @returns whether there are any */
export type Emit = <Name extends keyof SessionEvents>(name: Name, event: SessionEvents[Name]) => boolean;

/** The listeners of a session. They run after what told them, so that one that throws disturbs nobody. */
export function sessionListeners(): [on: Session['on'], emit: Emit] {
  const all: Partial<Record<string, Set<(event: never) => unknown>>> = {};
  return [
    (name, listener) => {
      const listeners = (all[name] ??= new Set());
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    (name, event) =>
      [...(all[name] ?? [])].map((listener) => void Promise.resolve(event as never).then(listener)).length > 0,
  ];
}
