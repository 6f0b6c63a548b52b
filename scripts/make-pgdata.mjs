// Makes dist/pgdata.tar.gz: the users' database as a new data folder has it, with all migrations run. Unpacking it is
// what spares the first start of the service half of its CPU time. Run by `npm run build`, after tsc.
import { writeFile } from 'node:fs/promises';
import { dumpNewDatabase } from '../dist/esm/service/database/embedded-database.js';

const archive = new Uint8Array(await (await dumpNewDatabase()).arrayBuffer());
await writeFile(new URL('../dist/pgdata.tar.gz', import.meta.url), archive);
console.log(`dist/pgdata.tar.gz: ${(archive.byteLength / 1024 / 1024).toFixed(1)} MiB`);
