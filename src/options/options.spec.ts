import { DAY, HOUR, MINUTE, SECOND } from './durations.js';
import { AUTH_ERRORS, AuthConfigError } from '../auth.errors.js';
import { resolveOptions, type SessionMode } from './options.js';

const given = { issuer: 'https://auth.example' };

/** Options as they arrive from JavaScript, an environment or a file: of any type. */
type AnyOptions = Record<string, unknown>;
const resolve = (options: AnyOptions = {}, strategy: SessionMode = 'refresh-sliding') =>
  resolveOptions({ ...given, ...options }, strategy);
const nested = (name: string, value: unknown): AnyOptions => {
  const [outer, inner] = name.split('.') as [string, string?];
  return inner === undefined ? { [outer]: value } : { [outer]: { [inner]: value } };
};
const refusal = (options: AnyOptions, strategy?: SessionMode): string => {
  try {
    resolve(options, strategy);
  } catch (error) {
    expect(error).toBeInstanceOf(AuthConfigError);
    return (error as Error).message;
  }
  throw new Error(`not refused: ${JSON.stringify(options)}`);
};

describe('options: what is not given', () => {
  it('is filled in with the defaults of the documentation', () => {
    expect(resolve()).toEqual({
      strategy: 'refresh-sliding',
      issuer: 'https://auth.example',
      audience: ['https://auth.example'],
      algorithm: 'ES256',
      clients: new Map([
        [
          'default',
          {
            transport: 'body',
            bff: false,
            secretHashes: [],
            jwks: undefined,
            scope: undefined,
            audience: [],
            accessTtl: 30 * MINUTE,
            idleTtl: 14 * DAY,
            absoluteTtl: 90 * DAY,
          },
        ],
      ]),
      keepsSessions: true,
      renews: true,
      slides: true,
      cookies: {
        sameSite: 'strict',
        domain: undefined,
        prefix: undefined,
        path: undefined,
        persistent: true,
        insecure: false,
      },
      allowedOrigins: [],
      loginLimits: {
        source: { attempts: 100, window: 15 * MINUTE },
        accountSource: { attempts: 10, window: 15 * MINUTE },
        account: { attempts: 50, window: 60 * MINUTE },
        register: { attempts: 20, window: 60 * MINUTE },
        ticket: { attempts: 5, window: 60 * MINUTE },
        refresh: { attempts: 300, window: MINUTE },
        client: { attempts: 600, window: MINUTE },
        emailChange: { attempts: 5, window: 60 * MINUTE },
      },
      grace: 30 * SECOND,
      attemptTtl: DAY,
      onReuse: 'session',
      maxSessionsPerSubject: 20,
      revocation: { maxStaleness: 10 * SECOND, whenStale: 'accept' },
      whenFull: 'end-oldest',
      endedRetention: 7 * DAY,
      sliding: { on: 'marked', renewAfter: 0.5, extendSession: false, slideLimit: 2 * HOUR },
      clockTolerance: 5 * SECOND,
      tokenCache: { max: 10_000 },
      claimsLimit: 1024,
      subjectOnly: new Set(),
      loadSubject: undefined,
      publicMetadata: undefined,
      legacy: {
        accessTokens: { verify: undefined, until: undefined },
        refreshTokens: { redeem: undefined, share: 1, until: undefined },
      },
      loadClient: undefined,
      keepAddress: expect.any(Function),
      errorCodes: AUTH_ERRORS,
      auditFields: {},
    });
  });

  it('is lowered to its bound, so that a short session needs one option and not four', () => {
    const policy = resolve({ absoluteTtl: '10m' });
    expect(policy.clients.get('default')).toMatchObject({ accessTtl: 10 * MINUTE, idleTtl: 10 * MINUTE });
    expect(policy.sliding.slideLimit).toBe(10 * MINUTE);
  });

  it('lowers the sliding limit to a given idle time', () => {
    expect(resolve({ idleTtl: '1h' }).sliding.slideLimit).toBe(HOUR);
  });
});

describe('options: ranges', () => {
  it.each([
    ['accessTtl', '10s', '90d', ['9s', '91d']],
    ['idleTtl', '10s', '90d', ['9s', '91d']],
    ['absoluteTtl', '1m', '400d', ['59s', '401d', '0s']],
    ['grace', '0s', '60s', ['61s']],
    ['endedRetention', '0s', '30d', ['31d']],
    ['clockTolerance', '0s', '60s', ['61s']],
    ['sliding.slideLimit', '0s', '14d', ['15d']],
    ['maxSessionsPerSubject', 1, 1000, [0, 1001, 1.5, NaN, '20', null, -1]],
    ['sliding.renewAfter', 0, 0.95, [-0.01, 0.96, NaN, '0.5', Infinity]],
    ['tokenCache.max', 0, 10_000_000, [-1, 1.5, 10_000_001, '10']],
  ] as const)('%s takes %j to %j, and its refusal names it', (name, least, most, refused) => {
    expect(() => resolve(nested(name, least))).not.toThrow();
    expect(() => resolve(nested(name, most))).not.toThrow();
    for (const value of refused) expect(refusal(nested(name, value))).toContain(name);
  });

  it.each(['accessTtl', 'idleTtl', 'absoluteTtl', 'grace', 'endedRetention', 'clockTolerance', 'sliding.slideLimit'])(
    '%s refuses a plain number, because nobody can tell its unit',
    (name) => {
      for (const value of [1800, '1800', '', '30 s', '-30s', '1.5h', '30S', null]) {
        expect(refusal(nested(name, value))).toBe(
          `${name} is ${typeof value === 'string' ? `'${value}'` : value}; it must be a duration with its unit, such as '30s', '15m' or '14d'`,
        );
      }
    },
  );

  it.each([
    ['accessTtl', { absoluteTtl: '10m', accessTtl: '11m' }, "10m (the session's absolute end)"],
    ['idleTtl', { absoluteTtl: '7d', idleTtl: '8d' }, "7d (the session's absolute end)"],
    ['sliding.slideLimit', { idleTtl: '1h', sliding: { slideLimit: '2h' } }, '1h (the idle time)'],
  ])(
    '%s is refused beyond what bounds it, not lowered, since somebody meant what they wrote',
    (name, options, bound) => {
      const sentence = refusal(options);
      expect(sentence).toContain(name);
      expect(sentence).toContain(bound);
    },
  );

  it.each([
    ['algorithm', ['ES256', 'RS256', 'PS256', 'HS256'], ['none', 'EdDSA', 'es256', '', null]],
    ['onReuse', ['session', 'subject', 'report'], ['all', null]],
    ['whenFull', ['end-oldest', 'refuse'], ['end-newest', true]],
    ['sliding.on', ['marked', 'all'], ['none', true, null]],
  ])('%s is one of %j, and its refusal names them', (name, choices, refused) => {
    for (const choice of choices) expect(() => resolve(nested(name, choice))).not.toThrow();
    for (const value of refused) expect(refusal(nested(name, value))).toMatch(`must be one of ${choices.join(', ')}`);
  });
});

describe('options: yes or no', () => {
  it.each([
    ['maxSessionsPerSubject', '10', "is the text '10'; it must be a whole number from 1 to 1000"],
    ['maxSessionsPerSubject', '', "is the text ''; it must be a whole number"],
    ['cookies.insecure', 'true', "is the text 'true'; it must be true or false"],
  ])('%s tells a text from the value that it looks like: %j', (name, value, sentence) => {
    expect(refusal(nested(name, value))).toContain(`${name} ${sentence}`);
  });

  it('sliding.extendSession takes nothing that only looks like a yes or a no', () => {
    expect(resolve({ sliding: { extendSession: true } }).sliding.extendSession).toBe(true);
    for (const value of ['true', 1, null]) {
      expect(refusal({ sliding: { extendSession: value } })).toContain('sliding.extendSession is');
    }
  });
});

describe('options: who is who', () => {
  it.each([undefined, null, ''])('asks for an issuer that is %j', (issuer) => {
    expect(refusal({ issuer })).toContain('issuer must be given');
  });

  it.each(['auth.example', 'ftp://auth.example', 'javascript:alert(1)', 7])(
    'refuses %j as issuer, which must be a URL',
    (issuer) => {
      expect(refusal({ issuer })).toMatch(/^issuer (is|must)/);
    },
  );

  it.each(['https://auth.example', 'https://auth.example/', 'https://shop.example:8443/auth', 'http://localhost:3000'])(
    'takes %s as issuer, as it is written',
    (issuer) => {
      expect(resolve({ issuer }).issuer).toBe(issuer);
    },
  );

  it.each([
    // A verifier compares texts, so its issuer without the blank would be another one.
    [' https://auth.example', "issuer is ' https://auth.example'; it must be a URL"],
    ['https://auth.example\n', 'it must be a URL'],
    ['https://auth.example/?tenant=1', 'it must be a URL without ? and #'],
    ['https://auth.example/#a', 'it must be a URL without ? and #'],
    ['https://auth.example?', 'it must be a URL without ? and #'],
  ])('refuses %j as issuer, which would make wrong links or tokens that nobody accepts', (issuer, sentence) => {
    expect(refusal({ issuer })).toContain(sentence);
  });

  it('refuses a password in the issuer, and does not repeat it', () => {
    const message = refusal({ issuer: 'https://ada:hunter2@auth.example' });
    expect(message).toMatch(/^issuer has a user or a password in it/);
    expect(message).not.toContain('hunter2');
  });

  it('takes one audience or a list', () => {
    expect(resolve({ audience: 'shop' }).audience).toEqual(['shop']);
    expect(resolve({ audience: ['shop', 'stock'] }).audience).toEqual(['shop', 'stock']);
  });

  it.each([[[]], [''], [['']], [7], [[null]], [null]])('refuses %j as audience', (audience) => {
    expect(refusal({ audience })).toContain('audience');
  });

  it('refuses a loadSubject that is no function', () => {
    expect(refusal({ loadSubject: {} })).toContain('loadSubject must be a function');
  });
});

describe('options: tokens of the former login', () => {
  const read = () => null;
  const until = '2027-03-01T00:00:00Z';

  it('take an end in RFC 3339', () => {
    const { legacy } = resolve({ legacy: { accessTokens: { verify: read, until } } });
    expect(legacy.accessTokens).toEqual({ verify: read, until: Date.parse(until) });
  });

  it.each([
    [{ accessTokens: { verify: read } }, 'legacy.accessTokens.until must be given'],
    [{ refreshTokens: { redeem: read } }, 'legacy.refreshTokens.until must be given'],
    [{ accessTokens: { until } }, 'legacy.accessTokens.verify must be given'],
    [{ refreshTokens: { redeem: read, until: '2027-03-01' } }, "legacy.refreshTokens.until is '2027-03-01'"],
    [{ refreshTokens: { redeem: read, until, share: 1.1 } }, 'legacy.refreshTokens.share is 1.1'],
    [{ refreshTokens: { redeem: 'read', until } }, 'legacy.refreshTokens.redeem must be a function'],
    [{ tokens: {} }, 'unknown option of legacy: tokens'],
  ])('%j is refused: without an end, or a check, they would count for ever or never', (legacy, sentence) => {
    expect(refusal({ legacy })).toContain(sentence);
  });

  it('cannot be redeemed where no sessions are kept', () => {
    expect(refusal({ legacy: { refreshTokens: { redeem: read, until } } }, 'access')).toContain('legacy.refreshTokens');
  });
});

describe('options: what is not known', () => {
  it.each(['guard', 'routes', 'store', 'isGlobal', 'strategy'])(
    '%s in what a factory returns is told where it belongs, as the guard of a copied forRoot() would be none',
    (name) => expect(refusal({ [name]: {} })).toContain(`${name} stands beside useFactory`),
  );

  it.each([
    [{ acessTtl: '5m' }, 'unknown option: acessTtl; did you mean accessTtl?'],
    [{ one: 1, two: 2 }, 'unknown option: one, two'],
    [{ sliding: { limit: '1h' } }, 'unknown option of sliding: limit'],
    [{ tokenCache: { size: 1 } }, 'unknown option of tokenCache: size'],
  ])(
    '%j is refused by name, beside the names there are: a misspelt option would have no effect',
    (options, sentence) => {
      expect(refusal(options)).toContain(sentence);
      expect(refusal(options)).toMatch(/known are/i);
    },
  );

  it.each([true, false, 'all', 1, [], null])(
    'refuses %j in place of a group, instead of taking it for the defaults',
    (value) => {
      expect(refusal({ sliding: value })).toContain('sliding must be an object');
      expect(refusal({ tokenCache: value })).toContain('tokenCache must be an object');
    },
  );

  it.each(['accesses', 'sliding', 'toString', '', null, undefined])(
    'refuses strategy %j by name, beside those there are',
    (strategy) => {
      expect(() => resolveOptions(given, strategy as 'access')).toThrow(AuthConfigError);
      expect(() => resolveOptions(given, strategy as 'access')).toThrow(/strategy .*access-sliding/);
    },
  );

  it('never shows a value of keys in a refusal', () => {
    expect(refusal({ keys: { keys: ['s3cr3t'] }, grace: '2h' })).not.toContain('s3cr3t');
  });
});

describe('options: what a strategy makes of them', () => {
  it.each(['access', 'access-sliding', 'refresh-sliding'] as const)('%s has an absolute end of 90 days', (strategy) => {
    expect(resolve({}, strategy).clients.get('default')).toMatchObject({ absoluteTtl: 90 * DAY, idleTtl: 14 * DAY });
  });

  it('refresh has one of 30 days, and no idle end before it', () => {
    expect(resolve({}, 'refresh').clients.get('default')).toMatchObject({ absoluteTtl: 30 * DAY, idleTtl: 30 * DAY });
    expect(resolve({ absoluteTtl: '7d' }, 'refresh').clients.get('default')).toMatchObject({ idleTtl: 7 * DAY });
    expect(() => resolve({ absoluteTtl: '7d', idleTtl: '7d' }, 'refresh')).not.toThrow();
  });

  it('refresh refuses an idle time of its own, since the end it promises would not come', () => {
    const sentence =
      "idleTtl is '14d'; it must be from 30d to 30d (the session's absolute end; 'refresh' has no other)";
    expect(refusal({ idleTtl: '14d' }, 'refresh')).toBe(sentence);
  });

  it.each(['access', 'access-sliding', 'refresh'] as const)(
    '%s refuses what is out of range also where it has no effect',
    (strategy) => {
      for (const options of [{ idleTtl: '91d' }, { grace: '2m' }, { sliding: { slideLimit: '91d' } }]) {
        expect(refusal(options, strategy)).toContain('it must be from');
      }
    },
  );

  it.each(['access', 'access-sliding'] as const)('%s has no store to check with', (strategy) => {
    expect(refusal({ revocation: { whenStale: 'check' } }, strategy)).toBe(
      `revocation.whenStale is 'check'; strategy '${strategy}' has no store to ask`,
    );
  });
});

describe('options: an error says which', () => {
  it.each([
    [{ grace: '2m' }, 'grace'],
    [{ sliding: { slideLimit: '91d' } }, 'sliding.slideLimit'],
    [{ clients: { web: { accessTtl: '5s' } } }, 'clients.web.accessTtl'],
    [{ sliding: { limit: '1h' } }, 'sliding.limit'],
    [{ acessTtl: '5m' }, 'acessTtl'],
  ])('%j is about %s', (options, option) => {
    expect(() => resolve(options)).toThrow(expect.objectContaining({ name: 'AuthConfigError', option }));
  });
});
