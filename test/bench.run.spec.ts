import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './support/source-imports.js';

describe('npm run bench', () => {
  it.each([
    [['gard'], 'There is no benchmark gard; there are guard, '],
    [['guard', '--adapter', 'Express'], '--adapter is fastify or express, not Express.'],
    [['guard', '--rounds', 'five'], '--rounds is a whole number from 1, not five.'],
    [['guard', '--ms', '0'], '--ms is a whole number from 1, not 0.'],
    [['guard', '--only', '('], '--only: Invalid regular expression'],
    [['guard', '--round', '5'], "Unknown option '--round'. The beginning of bench/run.mjs tells"],
  ])('refuses %j before it measures something else for minutes', (args, sentence) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'bench/run.mjs'), ...args], {
      encoding: 'utf8',
    });

    expect(stderr).toContain(sentence);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stdout).toBe('');
    expect(status).toBe(1);
  });
});
