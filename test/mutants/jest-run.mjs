import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Runs tests in a copy of the sources.
 * @param {number} milliseconds after which the run is given up
 * @param {number} [eventually] milliseconds after which `eventually` gives up: with a fault put in, tests wait for what never comes
 * @returns {Promise<{ passed: number, failed: string[], killedBy: string[], broken: string[] }>} the names of the tests
 *   that failed; of these, those that failed by an assertion; and what could not be run at all (a syntax error, a crash)
 */
export async function runJest(folder, tests, milliseconds, eventually) {
  const report = join(folder, 'report.json');
  rmSync(report, { force: true });
  const args = ['node_modules/jest/bin/jest.js', '--json', `--outputFile=${report}`, '--forceExit', '--runInBand'];
  const env = { ...process.env, ...(eventually && { EVENTUALLY_WITHIN_TEST: String(eventually) }) };
  const child = spawn(process.execPath, [...args, ...tests], { cwd: folder, stdio: 'ignore', detached: true, env });
  const timer = setTimeout(() => process.kill(-Number(child.pid), 'SIGKILL'), milliseconds);
  await once(child, 'exit');
  clearTimeout(timer);
  return readReport(report);
}

function readReport(path) {
  let report;
  try {
    report = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return { passed: 0, failed: [], killedBy: [], broken: ['the run did not end in time, or crashed'] };
  }
  const all = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = all.filter(({ status }) => status === 'failed');
  const broken = report.testResults
    .filter(
      ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((one) => one.status === 'failed'),
    )
    .map(({ message }) => message.split('\n', 1)[0]);
  return {
    passed: all.filter(({ status }) => status === 'passed').length,
    failed: failed.map(({ fullName }) => fullName),
    killedBy: failed.filter(isByAssertion).map(({ fullName }) => fullName),
    broken,
  };
}

/** An assertion that failed, not an error that a test threw, nor a test that did not end in time. */
const isByAssertion = ({ failureDetails }) =>
  failureDetails.some(({ matcherResult, message }) => matcherResult !== undefined || isOfNode(message));

/** Jest reports a failed `node:assert`, by which the contracts of stores compare, by a message alone: `assert.…(`. */
const isOfNode = (message) => /^\W*(\[\d+m)?assert\b/.test(message ?? '');
