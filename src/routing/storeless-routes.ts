import type { OnModuleInit } from '@nestjs/common';
import type { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { AuthConfigError } from '../auth.errors.js';
import { LIVE_SESSION_METADATA, WHEN_STALE_METADATA } from './route-metadata.js';

type Target = ((...args: never[]) => unknown) & { readonly name: string };

/**
 * Refuses the start of an application that has routes which can never be answered as they are marked: there is no
 * store to ask for a session, or no feed to be behind of.
 */
export class StorelessRoutes implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
    private readonly hasFeed: boolean,
  ) {}

  /** @throws AuthConfigError that names the routes */
  onModuleInit(): void {
    const faults = [...new Set([...this.discovery.getControllers(), ...this.discovery.getProviders()])].flatMap(
      ({ metatype }) => (typeof metatype === 'function' && metatype.prototype ? this.faultsOf(metatype) : []),
    );
    if (faults.length > 0) throw new AuthConfigError(faults.join('; '));
  }

  private faultsOf(type: Function): string[] {
    const prototype = type.prototype as Record<string, Target>;
    const methods = this.scanner.getAllMethodNames(prototype);
    return [
      ...this.faultOf(type as Target, type.name),
      ...methods.flatMap((method) => this.faultOf(prototype[method]!, `${type.name}.${method}`)),
    ];
  }

  private faultOf(target: Target, name: string): string[] {
    if (this.reflector.get<boolean | undefined>(LIVE_SESSION_METADATA, target)) {
      return [
        `${name}: @RequireLiveSession() asks the session store, and there is none here; let the auth service answer`,
      ];
    }
    const policy = this.reflector.get<string | undefined>(WHEN_STALE_METADATA, target);
    if (policy === 'check') {
      return [`${name}: @WhenStale('check') asks the session store, and there is none here; use 'reject' or 'accept'`];
    }
    return policy === 'reject' && !this.hasFeed
      ? [`${name}: @WhenStale('reject') needs a feed, and there is none here`]
      : [];
  }
}
