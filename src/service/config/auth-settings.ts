import type { AuthModuleOptions, SessionMode } from '../../index.js';
import { AUTH_EXTRAS, checkOptions, OPTIONS } from '../../internal.js';
import { fromEnvironment, text, type Environment } from './environment.js';

/** The options of the library but for its keys, which commands do without. */
const { keys: _keys, ...POLICY_OPTIONS } = OPTIONS;

/** @param issuer of tokens, unless the environment says it */
export function readAuth(
  env: Environment,
  issuer: string,
): Omit<AuthModuleOptions, 'keys' | 'loadSubject'> & { strategy: SessionMode } {
  const { strategy } = checkOptions(AUTH_EXTRAS, fromEnvironment(AUTH_EXTRAS, env));
  const options = fromEnvironment(POLICY_OPTIONS, env);
  return { strategy, ...options, issuer: text(env, 'AUTH_ISSUER') ?? issuer };
}
