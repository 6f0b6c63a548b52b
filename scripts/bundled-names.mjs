// How classes keep their names in a bundle: log lines and Nest's messages call them by these.
import { readFile } from 'node:fs/promises';

/**
 * A plugin for esbuild, which would call a class Name2 or _Name where it names itself, since that name is in reach of an
 * outer one. So all classes become `let Name = class`, which gives them their name as well. tsc writes `let Name = Name_1 =
 * class Name` for one with decorators; Name_1 is set once more by what follows, the decorators. esbuild's own way,
 * `keepNames`, makes each closure that a request creates cost 0.6 µs more.
 *
 * @param classes gets the names that the sources give
 */
export const names = (classes) => ({
  name: 'names',
  setup({ onLoad }) {
    onLoad({ filter: /\.js$/ }, async ({ path }) => {
      if (path.includes('node_modules')) return undefined;
      const code = await readFile(path, 'utf8');
      const contents = code
        .replace(CLASS, (_, exported = '', name) => {
          classes.add(name);
          return `${exported}let ${name} = class`;
        })
        .replace(END, '};');
      return { contents, loader: 'js' };
    });
  },
});

const CLASS = /^(export )?(?:let \w+ = (?:\w+ = )?)?class (\w+)/gm;
/** Of a class, and of anything else that an empty statement may follow. */
const END = /^\}$(?!\n(?:else|catch|finally))/gm;

/** What names a class, with or without spaces. */
const NAMED = /(?:\bvar (\w+) ?= ?(?:\w+ ?= ?)?)?\bclass\b(?: (?!extends\b)(\w+))?/g;

/**
 * Two files of one bundle may name something alike.
 * @throws Error when a class would not be called as it is in the sources
 */
export function expectNames(text, classes) {
  for (const [, variable = '', name = variable] of text.matchAll(NAMED)) {
    const meant = name.replace(/^_|\d+$/g, '');
    if (!classes.has(name) && classes.has(meant))
      throw new Error(`${meant} became ${name}: call one of both otherwise`);
  }
}
