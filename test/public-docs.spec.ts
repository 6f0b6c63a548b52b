import { join } from 'node:path';
import ts from 'typescript';
import { root } from './support/source-imports.js';

const SRC = join(root, 'src/').replaceAll('\\', '/');
const ENTRIES = ['index', 'openapi/index', 'testing/index', 'client/index'].concat(
  ['angular', 'axios', 'expo', 'ky', 'next', 'react'].map((name) => `client/${name}`),
);
/** What an editor shows on hover without a name of its own, or what a class has only for itself. */
const NOT_SHOWN = ts.SymbolFlags.Constructor | ts.SymbolFlags.TypeParameter | ts.SymbolFlags.Signature;
const NOT_PUBLIC = ts.ModifierFlags.Private | ts.ModifierFlags.Override;

/** Names and members that hosts see, and that say nothing when a pointer rests on them. */
function undocumented(): string[] {
  const config = ts.getParsedCommandLineOfConfigFile(join(root, 'tsconfig.json'), undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (fault) => {
      throw new Error(ts.formatDiagnostic(fault, ts.createCompilerHost({})));
    },
  })!;
  const program = ts.createProgram(
    ENTRIES.map((entry) => `${SRC}${entry}.ts`),
    config.options,
  );
  const checker = program.getTypeChecker();
  const ofOurs = ({ declarations = [] }: ts.Symbol) =>
    declarations.find((declaration) => declaration.getSourceFile().fileName.startsWith(SRC));
  const isSilent = (symbol: ts.Symbol) =>
    symbol.getDocumentationComment(checker).length === 0 && symbol.getJsDocTags(checker).length === 0;
  const isShown = (member: ts.Symbol) => {
    const declaration = ofOurs(member);
    if (!declaration || member.flags & NOT_SHOWN || member.name === 'prototype' || member.name.startsWith('__#'))
      return false;
    return !(ts.getCombinedModifierFlags(declaration) & NOT_PUBLIC);
  };

  const exported = ENTRIES.flatMap((entry) =>
    checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(`${SRC}${entry}.ts`)!)!),
  ).map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol));
  expect(exported.length).toBeGreaterThan(100);
  return [...new Set(exported)].filter(ofOurs).flatMap((symbol) => {
    const statics = symbol.flags & ts.SymbolFlags.Class ? [...(symbol.exports?.values() ?? [])] : [];
    const members = [...(symbol.members?.values() ?? []), ...statics].filter(isShown);
    const named = members.filter(isSilent).map(({ name }) => `${symbol.name}.${name}`);
    return isSilent(symbol) ? [symbol.name, ...named] : named;
  });
}

it('every public name, and every member of it that an editor offers, says what it is', () => {
  expect(undocumented()).toEqual([]);
});
