// Runs the schematic of the package by the machinery of the Nest CLI, which Jest cannot load: a list of trees as JSON on
// stdin, what becomes of each on stdout.
import { text } from 'node:stream/consumers';
import { Tree } from '@angular-devkit/schematics';
import { SchematicTestRunner, UnitTestTree } from '@angular-devkit/schematics/testing/index.js';
import { root } from '../../scripts/root.mjs';

const results = [];
for (const files of JSON.parse(await text(process.stdin))) {
  const runner = new SchematicTestRunner('keyturn', `${root}schematics/collection.json`);
  const said = [];
  runner.logger.subscribe(({ message }) => said.push(message));
  const tree = new UnitTestTree(Tree.empty());
  for (const [path, content] of Object.entries(files)) tree.create(path, content);
  try {
    const changed = await runner.runSchematic('nest-add', {}, tree);
    const after = Object.fromEntries(changed.files.map((path) => [path, changed.readContent(path)]));
    results.push({ files: after, tasks: runner.tasks.map(({ name }) => name), said: said.join('\n') });
  } catch (error) {
    results.push({ files, tasks: [], said: error.message });
  }
}
process.stdout.write(JSON.stringify(results));
