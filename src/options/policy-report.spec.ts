import { resolveOptions, type AuthModuleOptions } from './options.js';
import type { SessionMode } from './session-mode.js';
import { policyReport } from './policy-report.js';
import { formatPolicyReport } from './policy-text.js';

const reportOf = (strategy: SessionMode, options: Partial<AuthModuleOptions> = {}) =>
  policyReport(resolveOptions({ issuer: 'https://auth.example', ...options }, strategy));

describe('what a policy report finds', () => {
  it.each<[string, SessionMode, Partial<AuthModuleOptions>, string]>([
    ['weeks of one access token', 'access', { accessTtl: '14d' }, 'dangerous accessTtl'],
    ['an access token that is renewed for months', 'access-sliding', {}, 'dangerous absoluteTtl'],
    [
      'an access token that outlives a working day beside refresh tokens',
      'refresh',
      { accessTtl: '1d' },
      'dangerous accessTtl',
    ],
    [
      'sliding that reaches as far as a session',
      'refresh-sliding',
      { sliding: { slideLimit: '5d' } },
      'dangerous sliding.slideLimit',
    ],
    ['a session of a year', 'refresh-sliding', { absoluteTtl: '365d' }, 'dangerous absoluteTtl'],
    ['refreshes within grace of each other', 'refresh', { accessTtl: '20s' }, 'dangerous grace'],
    ['a login every half hour', 'access', {}, 'inconvenient accessTtl'],
    ['a login on each visit of who comes daily', 'refresh-sliding', { idleTtl: '12h' }, 'inconvenient idleTtl'],
    ['a grace that ends before clients try again', 'refresh', { grace: '3s' }, 'inconvenient grace'],
    ['no grace', 'refresh', { grace: '0s' }, 'inconvenient grace'],
    ['reuses that are only told of', 'refresh', { onReuse: 'report' }, 'dangerous onReuse'],
    ['one device at a time', 'refresh', { maxSessionsPerSubject: 1 }, 'inconvenient maxSessionsPerSubject'],
    ['a refresh with every tenth request', 'refresh', { accessTtl: '90s' }, 'inconvenient accessTtl'],
  ])('%s', (_, strategy, options, finding) => {
    expect(reportOf(strategy, options).findings.map(({ level, option }) => `${level} ${option}`)).toContain(finding);
  });

  it.each<SessionMode>(['refresh', 'refresh-sliding'])('nothing about %s as it comes', (strategy) => {
    expect(reportOf(strategy).findings).toEqual([]);
  });

  it('names the client whose life it is about, where there are several', () => {
    const clients = { kiosk: { accessTtl: '2h' as const } };

    expect(reportOf('refresh', { clients }).findings.map(({ option }) => option)).toEqual(['clients.kiosk.accessTtl']);
  });

  it('says once what holds for all clients', () => {
    const clients = { web: {}, app: {} };

    expect(reportOf('refresh', { clients, grace: '0s' }).findings).toHaveLength(1);
  });
});

describe('a client with credentials', () => {
  const clients = { jobs: { secretHashes: ['q'.repeat(43)], accessTtl: '10m' as const } };

  it('is a machine: it has no logins and no sessions, and asks for a token whenever one ends', () => {
    const { clients: people, machines } = reportOf('refresh-sliding', { clients });
    expect(people.map(({ clientId }) => clientId)).toEqual(['default']);
    expect(machines).toEqual([{ clientId: 'jobs', accessToken: 600_000, tokensPerDay: 144 }]);
  });

  it('is found where its tokens live long', () => {
    const { findings } = reportOf('refresh-sliding', { clients: { jobs: { ...clients.jobs, accessTtl: '1d' } } });
    expect(findings.map(({ level, option }) => `${level} ${option}`)).toEqual(['dangerous clients.jobs.accessTtl']);
  });

  it('has lines of its own in the text', () => {
    expect(formatPolicyReport(reportOf('refresh-sliding', { clients }))).toContain(
      `
  What it means for the machine jobs
    a stolen machine token            is of use for 10m at most
    tokens                            144 a day if it is always at work`,
    );
  });
});

describe('the report as text', () => {
  it('is one readable block', () => {
    expect(`\n${formatPolicyReport(reportOf('refresh-sliding', { grace: '5s' }))}\n`).toBe(`
  What refresh-sliding means
    a stolen access token             is of use for 2h at most
    a stolen refresh token            2h at most while its owner works, 90d while he is away
    one that was used already         5s after that use, then an alarm
    logins                            always active: every 90d; active daily: every 90d; active monthly: every 30d
    store operations                  1.4 in 1000 requests of somebody at work
    memory of the store               220 bytes for a user's session, and its device text
  What to know about it
    inconvenient: grace: a client that waits longer than 5s for a lost answer is taken for a thief when it tries again; let clients send an Idempotency-Key, or set it to 30s.
`);
  });

  it('says nothing of refresh tokens and a store where there are none', () => {
    expect(`\n${formatPolicyReport(reportOf('access', { accessTtl: '1h' }))}\n`).toBe(`
  What access means
    a stolen access token             is of use for 1h at most
    logins                            always active: every 1h; active daily: every 1d; active monthly: every 30d
    store operations                  0 in 1000 requests of somebody at work
  What to know about it
    inconvenient: accessTtl: somebody at work must log in every 1h; strategy 'access-sliding' or 'refresh-sliding' spares that.
`);
  });
});
