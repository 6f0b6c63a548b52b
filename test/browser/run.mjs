// The stories of the client in a real Chromium. `-- --short` takes minutes, without it two hours and more: `devices` is
// left out then, and tabs live through three ends of a token in place of two hundred.
import { spawnSync } from 'node:child_process';

const short = process.argv.includes('--short');
const args = process.argv.slice(2).filter((argument) => argument !== '--short');
spawnSync(process.execPath, ['scripts/ensure-system.mjs', 'chromium'], { stdio: 'inherit' });
// Most stories wait for the end of a token; the long ones count what tabs do in time, and have the machine for themselves.
const left = short ? ['--testPathIgnorePatterns', 'devices', '--maxWorkers', '2'] : [];
const { status } = spawnSync('npx', ['jest', '--config', 'test/browser/jest.config.js', ...args, ...left], {
  stdio: 'inherit',
  env: { ...process.env, BROWSER_SHORT: String(short) },
});
process.exitCode = status ?? 1;
