import { AuthConfigError } from '../../index.js';
import { closest } from '../../internal.js';
import { text, type Environment } from './environment.js';
import { SETTINGS } from './settings.js';

const KNOWN = SETTINGS.flatMap(({ name, row }) => (row.secret ? [name, `${name}_FILE`] : [name]));

/**
 * Refuses names that are near a setting's and are none: a misspelt setting would be ignored, and its default be used.
 * @throws AuthConfigError with all of them, and what they are called
 */
export function checkNames(env: Environment): void {
  const misspelt = Object.keys(env).flatMap((name) => {
    if (KNOWN.includes(name) || text(env, name) === undefined) return [];
    const meant = closest(name, KNOWN);
    return meant === undefined ? [] : [{ name, meant }];
  });
  if (misspelt.length === 0) return;
  const sentences = misspelt.map(({ name, meant }) => `${name} is no setting of Keyturn; did you mean ${meant}?`);
  throw new AuthConfigError(sentences.join('\n'), { option: misspelt[0]!.name });
}
