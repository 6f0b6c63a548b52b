import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ARGUMENTS = ['test/faults/run.mjs', '--short', '--seed', '20'];

/** The short version of `npm run test:faults`, in a process of its own, as faults need real sockets and real signals. */
describe('the fault runs, in short', () => {
  it('log no honest client out, fork no session, accept no dead token and raise no false alarm', async () => {
    const { stdout, code } = await run(process.execPath, ARGUMENTS).then(
      (answer) => ({ ...answer, code: 0 }),
      (error: { stdout: string; stderr: string; code: number }) => ({ ...error, stdout: error.stdout + error.stderr }),
    );
    // Its table says which row missed what.
    if (code !== 0) throw new Error(stdout);
    expect(stdout).toContain('every row held');
  });
});
