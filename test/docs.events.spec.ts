import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import ts from 'typescript';
import { AuthEvents, type AuthEvent } from '../src/index.js';
import { AuditLog } from '../src/events/audit-log.js';
import { parseSource, root, sourceFiles } from './support/source-imports.js';

const guide = readFileSync(join(root, 'docs/events.md'), 'utf8');

interface Documented {
  readonly name: string;
  readonly fields: readonly string[];
  readonly level: string;
}

const names = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
const table: readonly Documented[] = guide
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, name = '', , fields = '', level = '']) => ({ name: names(name)[0]!, fields: names(fields), level }));

/** The members of the type `AuthEvent`, by the compiler's own reading. */
function declared(): { name: string; fields: string[] }[] {
  const file = join(root, 'src/events/auth.events.ts');
  // What the service declares of its accounts merges into the library's own.
  const ofService = join(root, 'src/service/accounts/account.events.ts');
  const program = ts.createProgram([file, ofService], { strict: true, module: ts.ModuleKind.NodeNext, noEmit: true });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file)!;
  const alias = source.statements.find(
    (node): node is ts.TypeAliasDeclaration => ts.isTypeAliasDeclaration(node) && node.name.text === 'AuthEvent',
  )!;
  const union = checker.getTypeAtLocation(alias.name) as ts.UnionType;
  return union.types.map((member) => {
    const properties = member.getProperties();
    const type = checker.getTypeOfSymbol(properties.find(({ name }) => name === 'type')!) as ts.StringLiteralType;
    return { name: type.value, fields: properties.map(({ name }) => name) };
  });
}

/** The names in `….emit({ type: '…' })`, wherever in the argument, and in functions that make an event for it. */
function emitted(): string[] {
  const found = new Set<string>();
  const textsIn = (node: ts.Node): void => {
    if (ts.isStringLiteral(node)) found.add(node.text);
    ts.forEachChild(node, textsIn);
  };
  const typesIn = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && node.name.getText() === 'type') textsIn(node.initializer);
    ts.forEachChild(node, typesIn);
  };
  const visit = (node: ts.Node): void => {
    const emits = ts.isCallExpression(node) && /\bevents\.emit$/.test(node.expression.getText());
    if (emits) node.arguments.forEach(typesIn);
    if (ts.isFunctionDeclaration(node) && node.type?.getText() === 'AuthEvent') typesIn(node);
    ts.forEachChild(node, visit);
  };
  for (const file of sourceFiles()) visit(parseSource(file));
  return [...found];
}

const FROM_REQUEST = ['by', 'requestId', 'clientRequestId', 'traceparent', 'ip', 'userAgent'];
const events = declared();

describe('docs/events.md', () => {
  it('lists exactly the events there are', () => {
    expect(events.length).toBeGreaterThan(9);
    expect(table.map(({ name }) => name).toSorted()).toEqual(events.map(({ name }) => name).toSorted());
  });

  it('lists no event that nothing emits', () => {
    expect(emitted().toSorted()).toEqual(table.map(({ name }) => name).toSorted());
  });

  it.each(table)('names the fields of $name, no more and no less', ({ name, fields }) => {
    const own = events.find((event) => event.name === name)!.fields;
    expect(own).toEqual(expect.arrayContaining(FROM_REQUEST));
    expect(fields.toSorted()).toEqual(own.filter((field) => ![...FROM_REQUEST, 'type'].includes(field)).toSorted());
  });

  it.each(table)('tells the level at which $name is logged', ({ name, level }) => {
    const levels: string[] = [];
    const at = (used: string) => () => levels.push(used);
    Logger.overrideLogger({ debug: at('debug'), log: at('log'), warn: at('warn'), error: at('error') });
    const heard = new AuthEvents();
    void new AuditLog(heard);
    heard.emit({ type: name, sub: 'ann' } as AuthEvent);
    Logger.overrideLogger(false);
    expect(levels).toEqual([level]);
  });
});
