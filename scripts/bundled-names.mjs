// How classes keep their names in a bundle: log lines and Nest's messages call them by these.
import { readFile } from 'node:fs/promises';
import ts from 'typescript';

/**
 * A plugin for esbuild, which would call a class Name2 or _Name where it names itself, since that name is in reach of an
 * outer one. So all classes become `let Name = class`, which gives them their name as well. esbuild's own way,
 * `keepNames`, makes each closure that a request creates cost 0.6 µs more.
 *
 * @param classes gets the names that the sources give
 */
export const names = (classes) => ({
  name: 'names',
  setup({ onLoad }) {
    onLoad({ filter: /\.js$/ }, async ({ path }) => {
      if (path.includes('node_modules')) return undefined;
      return { contents: withNamedClasses(await readFile(path, 'utf8'), classes), loader: 'js' };
    });
  },
});

/**
 * @param code an ES module as tsc writes it
 * @returns the same with each class at its top level as `let Name = class`. Nothing else changes: what a parser takes for
 * text stays as it is, since a style sheet with a `}` at the start of a line is text too.
 */
export function withNamedClasses(code, classes) {
  let [made, copied] = ['', 0];
  const source = ts.createSourceFile('module.js', code, ts.ScriptTarget.Latest);
  for (const statement of source.statements) {
    const node = classOf(statement);
    if (!node?.name) continue;
    classes.add(node.name.text);
    const exported = statement.modifiers?.length ? 'export ' : '';
    made += `${code.slice(copied, statement.getStart(source))}${exported}let ${node.name.text} = class`;
    made += code.slice(node.name.end, node.end) + (node === statement ? ';' : '');
    copied = node.end;
  }
  return made + code.slice(copied);
}

/** tsc writes `let Name = Name_1 = class Name` for one with decorators; what follows, the decorators, sets Name_1 again. */
function classOf(statement) {
  if (ts.isClassDeclaration(statement)) return statement;
  let value = ts.isVariableStatement(statement) ? statement.declarationList.declarations[0].initializer : undefined;
  while (value && ts.isBinaryExpression(value)) value = value.right;
  return value && ts.isClassExpression(value) ? value : undefined;
}

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
