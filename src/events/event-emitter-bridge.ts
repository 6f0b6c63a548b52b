import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { AuthEvents } from './auth.events.js';

/**
 * Hands every event to the `EventEmitter2` of `@nestjs/event-emitter`, under its name with `keyturn.` before it, where
 * the host has imported `EventEmitterModule.forRoot()`.
 */
@Injectable()
export class EventEmitterBridge implements OnModuleInit {
  constructor(
    @Inject(AuthEvents) private readonly events: AuthEvents,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
  ) {}

  /** Not sooner: the host's modules may be made after this one. */
  async onModuleInit(): Promise<void> {
    // A host that cannot load it has not imported its module either.
    const found = await import('@nestjs/event-emitter').catch(() => undefined);
    if (!found) return;
    const emitter = this.find(found.EventEmitter2);
    if (emitter) this.events.listen((event) => void emitter.emit(`keyturn.${event.type}`, event));
  }

  /** Nest throws where there is none. */
  private find<Emitter>(token: new () => Emitter): Emitter | undefined {
    try {
      return this.moduleRef.get(token, { strict: false });
    } catch {
      return undefined;
    }
  }
}
