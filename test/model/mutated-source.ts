import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import ts from 'typescript';
import { mutate } from '../mutants/mutants.mjs';

/**
 * A module of the shipped sources with a fault put into it, as the model can run it in the place of the real one.
 * @param file from the root of the repository, such as `src/sessions/rotation.ts`
 */
export function mutatedSource<T>(file: string, mutant: { name: string; find: string; replace: string }): T {
  const source = mutate(mutant, readFileSync(file, 'utf8'));
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const load = (specifier: string): unknown =>
    jest.requireActual(resolve(dirname(file), specifier.replace(/\.js$/, '.ts')));
  const module = { exports: {} };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- our own source, with a piece of it replaced
  new Function('require', 'module', 'exports', outputText)(load, module, module.exports);
  return module.exports as T;
}
