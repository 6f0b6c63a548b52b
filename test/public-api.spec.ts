import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { parseSource, root } from './support/source-imports.js';

const LIST = join(root, 'test/public-api.txt');
const ENTRIES = {
  keyturn: 'index.ts',
  'keyturn/openapi': 'openapi/index.ts',
  'keyturn/testing': 'testing/index.ts',
  'keyturn/tick-shape': 'auth.tick-shape.ts',
  'keyturn/client': 'client/index.ts',
  ...Object.fromEntries(
    ['angular', 'axios', 'expo', 'ky', 'next', 'react'].map((name) => [`keyturn/client/${name}`, `client/${name}.ts`]),
  ),
};
/** An entry of one small file, such as an adapter of the client: what it exports it also declares. */
const isOneFile = (file: string): boolean => !file.endsWith('index.ts');

function declared(statement: ts.Statement): string[] {
  if (
    !ts.canHaveModifiers(statement) ||
    !ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  )
    return [];
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  if (ts.isFunctionDeclaration(statement)) return [statement.name!.text];
  return [`type ${(statement as ts.InterfaceDeclaration).name.text}`];
}

/** The names that an entry exports one by one; types are marked, since they cannot be asked for at run time. */
function exportsOf(file: string): string[] {
  return parseSource(file).statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause)) {
      const { elements } = statement.exportClause;
      return elements.map(({ name, isTypeOnly }) => `${statement.isTypeOnly || isTypeOnly ? 'type ' : ''}${name.text}`);
    }
    if (statement.getText() === `export * from './auth.extensions.js';`) return extensionPoints();
    if (isOneFile(file)) return declared(statement);
    return [`!!! ${statement.getText().split('\n')[0]}`];
  });
}

/** TypeScript merges a host's declarations through `export *` alone, so these few types are exported as a file. */
const extensionPoints = (): string[] =>
  parseSource('auth.extensions.ts')
    .statements.filter((node) => ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node))
    .map(({ name }) => `type ${name.text}`);

const actual = Object.entries(ENTRIES)
  .map(([entry, file]) => `# ${entry}\n${exportsOf(file).toSorted().join('\n')}\n`)
  .join('\n');

describe('public API: what hosts may rely on', () => {
  it.each(Object.values(ENTRIES))('src/%s does nothing but export by name, so that each name was meant', (file) => {
    // `export *` and declarations of its own come out as `!!!`.
    expect(exportsOf(file).filter((name) => name.startsWith('!!!'))).toEqual([]);
  });

  it('is the committed list, so that a name comes or goes on purpose; accept with UPDATE_PUBLIC_API=1', () => {
    if (process.env.UPDATE_PUBLIC_API) writeFileSync(LIST, actual);

    expect(actual).toBe(readFileSync(LIST, 'utf8'));
  });
});
