// npm run api                 compares the types of what the package exports with etc/*.api.txt
// npm run api -- --update     accepts them
//
// A report has the declaration of every exported name, and of every type of ours that these lead to, without comments.
// Run it after `npm run package`: it reads the declarations that hosts compile against.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import ts from 'typescript';
import { root } from './root.mjs';

const update = process.argv.includes('--update');
const home = `${root}dist/package/`;
const { exports } = JSON.parse(readFileSync(`${home}package.json`, 'utf8'));
const entries = Object.entries(exports).filter(([, entry]) => entry.require?.types ?? entry.import?.types);
const files = entries.map(([, entry]) => home + (entry.require ?? entry.import).types.slice(2));
const program = ts.createProgram(files, {
  module: ts.ModuleKind.CommonJS,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  skipLibCheck: true,
  types: ['node'],
  typeRoots: [`${root}node_modules/@types`],
});
const checker = program.getTypeChecker();
const printer = ts.createPrinter({ removeComments: true });
const aliased = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
const ours = (symbol) => symbol.declarations?.filter((node) => node.getSourceFile().fileName.startsWith(home)) ?? [];
/** Of `const x` the whole statement. */
const statementOf = (node) => (ts.isVariableDeclaration(node) ? node.parent.parent : node);
const isDeclaration = (node) =>
  ts.isClassDeclaration(node) ||
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node) ||
  ts.isVariableDeclaration(node) ||
  ts.isFunctionDeclaration(node) ||
  ts.isEnumDeclaration(node);

/** Private members are no promise; their order and number change nothing for a host. */
const isHidden = (member) =>
  (ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private) !== 0 ||
  (member.name && ts.isPrivateIdentifier(member.name));
function textOf(node) {
  const statement = statementOf(node);
  const text = printer.printNode(ts.EmitHint.Unspecified, statement, statement.getSourceFile());
  if (!ts.isClassDeclaration(statement)) return text;
  const hidden = statement.members
    .filter(isHidden)
    .map((member) => printer.printNode(ts.EmitHint.Unspecified, member, member.getSourceFile()));
  return hidden.reduce((left, member) => left.replace(`    ${member}\n`, ''), text);
}

function report(file) {
  // Two types of ours that no host can name may have one name.
  const names = [];
  const seen = new Set();
  const queue = checker
    .getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file)))
    .map((symbol) => [symbol.name, aliased(symbol), true]);
  for (const [name, symbol, exported] of queue) {
    const nodes = ours(symbol).filter(isDeclaration);
    if (nodes.length === 0 || seen.has(symbol)) continue;
    seen.add(symbol);
    names.push([exported ? name : `(internal) ${symbol.name}`, nodes.map(textOf).join('\n')]);
    const visit = (node) => {
      if (node !== undefined && ts.isClassElement(node) && isHidden(node)) return;
      if (ts.isIdentifier(node)) {
        const found = checker.getSymbolAtLocation(node);
        if (found) queue.push([found.name, aliased(found), false]);
      }
      ts.forEachChild(node, visit);
    };
    nodes.forEach((node) => visit(statementOf(node)));
  }
  const sorted = names.toSorted((a, b) => (a.join('\n') < b.join('\n') ? -1 : 1));
  return sorted.map(([name, text]) => `=== ${name}\n${text}\n`).join('\n');
}

let differs = false;
mkdirSync(`${root}etc`, { recursive: true });
for (const [index, [entry]] of entries.entries()) {
  const path = `etc/keyturn${entry.slice(1).replaceAll('/', '-')}.api.txt`;
  const actual = report(files[index]);
  const known = existsSync(root + path) ? readFileSync(root + path, 'utf8') : '';
  if (update) writeFileSync(root + path, actual);
  else if (known !== actual) {
    differs = true;
    const [before, after] = [known, actual].map((text) => new Set(text.split('\n')));
    for (const line of before) if (!after.has(line)) console.error(`${path}: - ${line}`);
    for (const line of after) if (!before.has(line)) console.error(`${path}: + ${line}`);
  }
}
if (differs) {
  console.error(
    'The types that hosts use have changed. If that is meant, run `npm run api -- --update` and tell it in CHANGELOG.md.',
  );
  process.exit(1);
}
console.log(
  `api: ${entries.map(([entry]) => `keyturn${entry.slice(1)}`).join(', ')} ${update ? 'written to etc/' : 'as in etc/'}`,
);
