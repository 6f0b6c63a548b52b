import { readFileSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';

/** One import, export-from, `import()`, `import('…').Type` or `require()` in a file of src/. */
export interface SourceImport {
  /** The importing file, relative to src/. */
  readonly from: string;
  readonly specifier: string;
  /** The imported file relative to src/, where it is one of ours. */
  readonly to?: string;
  /** `static` is loaded with the file, `lazy` when it is called for, `type` never. */
  readonly kind: 'static' | 'lazy' | 'type';
}

export const root = join(import.meta.dirname, '../..');

/** Every file of src/ but the specs, relative to src/. */
export const sourceFiles = (): string[] =>
  readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts'))
    .toSorted();

export const readSource = (file: string): string => readFileSync(join(root, 'src', file), 'utf8');

export const parseSource = (file: string): ts.SourceFile =>
  ts.createSourceFile(file, readSource(file), ts.ScriptTarget.ES2022, true);

/** The package of a bare specifier (`rxjs/operators` → `rxjs`); undefined for our own files and for Node's modules. */
export function packageOf(specifier: string): string | undefined {
  if (specifier.startsWith('.') || specifier.startsWith('node:')) return undefined;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** All imports of one file of src/, by TypeScript's own parser. */
export function importsOf(file: string): SourceImport[] {
  const imports: SourceImport[] = [];
  const add = (module: ts.Node | undefined, kind: SourceImport['kind']): void => {
    if (!module || !ts.isStringLiteralLike(module)) return;
    const to = module.text.startsWith('.')
      ? posix.join(posix.dirname(file), module.text).replace(/\.js$/, '.ts')
      : undefined;
    imports.push({ from: file, specifier: module.text, to, kind });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node.importClause?.isTypeOnly ? 'type' : 'static');
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly ? 'type' : 'static');
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, 'type');
    else if (ts.isCallExpression(node) && loadsAModule(node)) add(node.arguments[0], 'lazy');
    ts.forEachChild(node, visit);
  };
  visit(parseSource(file));
  return imports;
}

const loadsAModule = ({ expression }: ts.CallExpression): boolean =>
  expression.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(expression) && expression.text === 'require');

/** The files that are reached from the entries, types included: what the package holds. */
export function reachableFrom(...entries: string[]): string[] {
  const reached = new Set<string>();
  const queue = [...entries];
  for (const file of queue) {
    if (reached.has(file)) continue;
    reached.add(file);
    queue.push(...importsOf(file).flatMap(({ to }) => (to ? [to] : [])));
  }
  return [...reached].toSorted();
}
