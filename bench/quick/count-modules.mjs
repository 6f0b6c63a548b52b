// node --import ./bench/quick/count-modules.mjs program.js    writes the files that the program loaded to MODULES_TO
//
// V8 tells of each script that it compiles: of those that are imported and of those that are required, in the same way on
// each version of Node. JSON files and what Node itself brings are not among them.
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { fileURLToPath } from 'node:url';

const loaded = new Set();
const session = new Session();
session.connect();
session.on('Debugger.scriptParsed', ({ params: { url } }) => {
  if (url.startsWith('file://')) loaded.add(fileURLToPath(url));
  else if (url.startsWith('/')) loaded.add(url);
});
session.post('Debugger.enable');
process.on('exit', () => writeFileSync(process.env.MODULES_TO, JSON.stringify([...loaded])));
