import { PROPERTY_DEPS_METADATA } from '@nestjs/common/constants.js';

/**
 * For a guard of Passport that is made with options of its own. Nest puts the options of a `PassportModule.register()` of
 * the host into every guard of that module, and a `defaultStrategy` among them would verify in place of ours. What a host's
 * subclass injects is still injected.
 *
 * Not a member that ignores what it is set to: V8 looks up all members of such an object by their names.
 */
export const KeepsOptions = (): ClassDecorator => (guard) => Reflect.defineMetadata(PROPERTY_DEPS_METADATA, [], guard);
