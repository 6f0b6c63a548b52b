import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

const { issuer, sessions, secrets, ca } = JSON.parse(process.env.INPUT);
const curl = (...args) =>
  execFileSync('curl', ['--silent', '--show-error', '--cacert', ca, ...args], { encoding: 'utf8' });
const machine = JSON.parse(
  curl('--fail', '--user', `rs:${secrets.rs}`, '--data', 'grant_type=client_credentials', `${issuer}/oauth/token`),
);
assert.equal(machine.token_type, 'Bearer');
const { refresh_token: token } = sessions[0];
const refreshed = JSON.parse(
  curl(
    '--fail',
    '--data-urlencode',
    `refresh_token=${token}`,
    '--data',
    'grant_type=refresh_token&client_id=app',
    `${issuer}/oauth/token`,
  ),
);
assert.notEqual(refreshed.refresh_token, token);
