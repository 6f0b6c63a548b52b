import { AuthError } from '../../auth.errors.js';
import { redisFault, redisFaultKind, RedisUnavailableError } from './redis-errors.js';
import { SessionFormatError } from './session-details.js';

const reply = (message: string): Error => Object.assign(new Error(message), { name: 'ReplyError' });
const system = (code: string): Error => Object.assign(new Error(''), { code });

describe('faults of Redis', () => {
  it.each([
    ["OOM command not allowed when used memory > 'maxmemory'. script: 5151cb, on @user_script:9.", 'OOM'],
    ['ERR Error running script (call to f_51): @user_script:9: @user_script: 9: -OOM command not allowed', 'OOM'],
    ["READONLY You can't write against a read only replica.", 'READONLY'],
    ['MISCONF Redis is configured to save RDB snapshots, but it is unable to persist on disk.', 'MISCONF'],
    ['NOREPLICAS Not enough good replicas to write.', 'NOREPLICAS'],
    ['NOAUTH Authentication required.', 'NOAUTH'],
    ['WRONGPASS invalid username-password pair or user is disabled.', 'WRONGPASS'],
    ["NOPERM this user has no permissions to run the 'evalsha' command", 'NOPERM'],
    [
      "ERR The user executing the script can't run this command or subcommand script: 51ab, on @user_script:9.",
      'NOPERM',
    ],
    ['LOADING Redis is loading the dataset in memory', 'LOADING'],
    ['BUSY Redis is busy running a script.', 'BUSY'],
    ['CLUSTERDOWN The cluster is down', 'CLUSTERDOWN'],
    ['MASTERDOWN Link with MASTER is down', 'MASTERDOWN'],
    ['WRONGTYPE Operation against a key holding the wrong kind of value', 'WRONGTYPE'],
    ['ERR max number of clients reached', 'other'],
    ["ERR unknown command 'evalsha', with args beginning with: '1f3c' '1' 'kt:{user-7}' ", 'command'],
    ['ERR Unknown Redis command called from script script: 51ab, on @user_script:9.', 'command'],
    [
      'ERR Error running script (call to f_51): @user_script:9: @user_script: 9: Unknown Redis command called from Lua',
      'command',
    ],
    ['constructor of nothing', 'other'],
  ])('the first word of a reply tells: %s', (message, kind) => {
    expect(redisFaultKind(reply(message))).toBe(kind);
  });

  it.each([
    ['Command timed out', 'timeout'],
    ['Connection is closed.', 'connection'],
    ["Stream isn't writeable and enableOfflineQueue options is false", 'connection'],
    ["Cluster isn't ready and enableOfflineQueue options is false", 'connection'],
    ['Reached the max retries per request limit (which is 0). Refer to "maxRetriesPerRequest" option', 'connection'],
    ["Socket timeout. Expecting data, but didn't receive any in 1000ms.", 'timeout'],
    ['Failed to refresh slots cache.', 'connection'],
    ['All sentinels are unreachable and retry is disabled.', 'connection'],
    ['Something new', 'other'],
  ])('the client has sentences of its own: %s', (message, kind) => {
    expect(redisFaultKind(new Error(message))).toBe(kind);
  });

  it.each([
    ['ECONNRESET', 'connection'],
    ['EPIPE', 'connection'],
    ['ECONNREFUSED', 'refused'],
    ['ENOTFOUND', 'dns'],
    ['EAI_AGAIN', 'dns'],
    ['ETIMEDOUT', 'unreachable'],
    ['EHOSTUNREACH', 'unreachable'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'ca'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'ca'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate'],
    ['CERT_HAS_EXPIRED', 'certificate'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'handshake'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'handshake'],
  ])('a system error tells by its code why there is no connection: %s', (code, kind) => {
    expect(redisFaultKind(system(code))).toBe(kind);
  });

  it.each([
    [
      'All sentinels are unreachable. Retrying from scratch after 100ms. Last error: connect ECONNREFUSED 1.2.3.4:5',
      'refused',
    ],
    ['failed to connect to sentinel 1.2.3.4:5 because WRONGPASS invalid username-password pair', 'WRONGPASS'],
    [
      "failed to connect to sentinel 1.2.3.4:5 because NOPERM User keyturn has no permissions to run 'sentinel'",
      'NOPERM',
    ],
    ['connected to sentinel 1.2.3.4:5 successfully, but got an invalid reply: null', 'master'],
  ])('of a Sentinel the reason stands inside another sentence: %s', (message, kind) => {
    expect(redisFaultKind(new Error(message))).toBe(kind);
  });

  it.each([undefined, null, 'text', 7])('a thrown %p does no harm', (thrown) => {
    expect(redisFaultKind(thrown)).toBe('other');
  });

  it('a session in a foreign format is a fault of the store: the session lives, this version cannot read it', () => {
    expect(redisFaultKind(new SessionFormatError('format 9'))).toBe('FORMAT');
  });

  it('becomes a 503 with Retry-After; what went wrong stays inside', () => {
    const cause = reply('NOAUTH Authentication required.');
    const error = new RedisUnavailableError('NOAUTH', cause);

    expect(error).toBeInstanceOf(AuthError);
    expect(error).toMatchObject({ code: 'store_unavailable', retryAfter: 1, kind: 'NOAUTH', cause });
    expect(error.fault).toBe('Redis asks for a password and none was given.');
    expect(error.message).not.toMatch(/Redis|password/);
  });

  it('is told to logs with the place and the code, and without the text of the error, which may hold anything', () => {
    const error = Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:6379'), { code: 'ECONNREFUSED' });

    expect(redisFault('refused', '10.1.2.3:6379', error)).toBe(
      'Nothing listens at the address of Redis (10.1.2.3:6379, ECONNREFUSED).',
    );
    expect(redisFault('WRONGPASS', 'redis:6379', reply('WRONGPASS invalid pair of ann and secret'))).toBe(
      'Redis refuses the user name or password (redis:6379, WRONGPASS).',
    );
  });
});
