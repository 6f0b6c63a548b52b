import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/root.mjs';
import { mutate } from './mutants.mjs';

const COPIED = ['src', 'test', 'docs', 'scripts', 'jest.config.js', 'package.json', 'tsconfig.json'];
const LINKED = ['node_modules', '.cache'];

/** A copy of the sources in which one file at a time is a mutant. The repository itself is never touched. */
export class Copy {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'keyturn-mutants-'));
    const filter = (path) => !path.includes('/hosts/') && !path.endsWith('/node_modules');
    for (const name of COPIED) cpSync(join(root, name), join(this.folder, name), { recursive: true, filter });
    for (const name of LINKED) symlinkSync(join(root, name), join(this.folder, name));
  }

  /** Puts a mutant in. @returns what takes it out again */
  put(mutant) {
    const path = join(this.folder, mutant.file);
    const source = readFileSync(path, 'utf8');
    writeFileSync(path, mutate(mutant, source));
    return () => writeFileSync(path, source);
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
