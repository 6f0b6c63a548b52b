/**
 * @typedef {object} Mutant
 * @property {string} name what is wrong in it
 * @property {string} find a piece of the source, which stands in it once
 * @property {string} replace what stands there instead: it changes behaviour, never a message, a log line or a name
 * @property {string} breaks the invariant or the fault that it is an example of
 * @property {string} [file] where it is not the file of its area
 * @property {string[]} [tests] where they are not the tests of its area
 * @property {{ scenario?: string, killedBy: number | string }} [model] the property of the model that refuses it as well
 *
 * @typedef {object} Area
 * @property {string} file
 * @property {string[]} tests the tests that should notice
 * @property {Mutant[]} mutants
 */

/**
 * The source with the fault in it.
 * @param {Pick<Mutant, 'name' | 'find' | 'replace'>} mutant
 * @param {string} source
 * @throws Error when the piece that it replaces is not there, or more than once: then the mutant must be written anew
 */
export function mutate({ name, find, replace }, source) {
  const pieces = source.split(find);
  if (pieces.length !== 2) throw new Error(`"${name}": its piece of source stands there ${pieces.length - 1} times`);
  return pieces.join(replace);
}
