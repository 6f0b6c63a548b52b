import { AuthConfigError } from '../auth.errors.js';
import { refuseMisplaced, refuseUnknown } from './option-table.js';

const MAKERS = ['useFactory', 'useClass', 'useExisting'];
/** What Nest's configurable modules take beside a factory. */
const OF_NEST = ['imports', 'inject', ...MAKERS, 'provideInjectionTokensFrom'];

/**
 * Checks what `forRootAsync()` of a module was given.
 * @param beside the options that stand beside the factory
 * @param returned the options that the factory returns
 * @throws AuthConfigError that names what is unknown, misplaced or missing
 */
export function checkAsync(given: { readonly sliding?: object | undefined }, beside: object, returned: object): void {
  const known = [...Object.keys(beside), 'sliding', ...OF_NEST];
  const { sliding: _both, ...inside } = returned as { readonly sliding?: unknown };
  refuseMisplaced(given, inside, 'stands in what useFactory returns, not beside it');
  refuseUnknown(given, known, '', 'option beside useFactory');
  if (given.sliding !== undefined) refuseUnknown(given.sliding, ['on'], 'sliding');
  if (!MAKERS.some((maker) => (given as Readonly<Record<string, unknown>>)[maker]))
    throw AuthConfigError.of('useFactory', `is missing; forRootAsync() needs one of ${MAKERS.join(', ')}`);
}
