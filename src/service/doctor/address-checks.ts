import { usesCookies, formatDuration, within } from '../../internal.js';
import { type AuthPolicy, type KeyRing } from '../../index.js';
import { isLoopback } from '../config/host.js';
import { findingsOf, type Finding } from './finding.js';

const finding = findingsOf('address');
/** Milliseconds for a whole answer. */
const PATIENCE = 5_000;
const STRANGER = 'https://stranger.invalid';

export interface AddressQuestion {
  readonly policy: AuthPolicy;
  /** Where clients ask. */
  readonly url: URL;
  readonly routesPath: string;
  /** Undefined: there are none to compare with. */
  readonly ring: KeyRing | undefined;
  /** Milliseconds after which a proxy, or a client, gives up; undefined: not said. */
  readonly proxyTimeout: number | undefined;
  readonly now: number;
}

/** Looks at the service as clients see it, from where this runs, and holds it against the settings. */
export async function checkAddress(question: AddressQuestion): Promise<Finding[]> {
  const { policy } = question;
  return [
    issuer(question),
    await jwks(question),
    ...(usesCookies(policy) ? [cookies(question)] : []),
    ...(policy.allowedOrigins.length > 0 ? await cors(question) : []),
    ...(policy.keepsSessions ? [grace(question)] : []),
  ];
}

function issuer({ policy, url }: AddressQuestion): Finding {
  const { origin } = new URL(policy.issuer);
  return origin === url.origin
    ? finding('issuer', 'ok', policy.issuer)
    : finding(
        'issuer',
        'bad',
        `Tokens name ${policy.issuer}, and clients ask at ${url.origin}: other apps look for the keys at the issuer. Set AUTH_ISSUER.`,
      );
}

async function jwks({ url, ring, now }: AddressQuestion): Promise<Finding> {
  const at = new URL('/.well-known/jwks.json', url).href;
  const answer = await ask(at, {});
  if (typeof answer === 'string') return finding('JWKS', 'bad', `${at}: ${answer}.`);
  const set = parseJson(answer.body) as { keys?: readonly { kid?: string }[] } | null;
  if (answer.status !== 200 || !Array.isArray(set?.keys)) {
    return finding('JWKS', 'bad', `${at} answers ${answer.status}, and no key set: is it another service?`);
  }
  const signing = ring?.activeOrNone('access', now);
  if (!signing || signing.alg === 'HS256') return finding('JWKS', 'ok', at);
  return set.keys.some(({ kid }) => kid === signing.kid)
    ? finding('JWKS', 'ok', `${at} has the key that signs`)
    : finding(
        'JWKS',
        'bad',
        `${at} does not have ${signing.kid}, which these settings sign with: instances hold different keys, or a cache is in between.`,
      );
}

function cookies({ policy, url }: AddressQuestion): Finding {
  const { domain } = policy.cookies;
  if (url.protocol !== 'https:' && !isLoopback(url.hostname)) {
    return finding('cookies', 'bad', `Browsers keep no secure cookie of ${url.origin}: serve it by https.`);
  }
  if (domain !== undefined && url.hostname !== domain && !url.hostname.endsWith(`.${domain}`)) {
    return finding(
      'cookies',
      'bad',
      `COOKIE_DOMAIN is ${domain}, and browsers drop cookies for it from ${url.hostname}.`,
    );
  }
  return finding('cookies', 'ok', domain === undefined ? `of ${url.hostname} alone` : `of ${domain}`);
}

async function cors({ policy, url, routesPath }: AddressQuestion): Promise<Finding[]> {
  const at = new URL(`/${routesPath}/refresh`, url).href;
  const allowed = new Map<string, string | null>();
  for (const origin of [...policy.allowedOrigins, STRANGER]) {
    const headers = { origin, 'access-control-request-method': 'POST' };
    const answer = await ask(at, { method: 'OPTIONS', headers });
    if (typeof answer === 'string') return [finding('CORS', 'bad', `${at}: ${answer}.`)];
    allowed.set(origin, answer.headers.get('access-control-allow-origin'));
  }
  const missing = policy.allowedOrigins.filter((origin) => allowed.get(origin) !== origin);
  const stranger = allowed.get(STRANGER);
  return [
    missing.length > 0
      ? finding(
          'CORS',
          'bad',
          `${at} does not let in pages of ${missing.join(', ')}: a proxy drops the headers, or ALLOWED_ORIGINS differs.`,
        )
      : finding('CORS', 'ok', policy.allowedOrigins.join(', ')),
    ...(stranger === '*' || stranger === STRANGER
      ? [
          finding(
            'CORS of strangers',
            'bad',
            `${at} lets in pages of everybody: a proxy adds Access-Control-Allow-Origin. Take it out there.`,
          ),
        ]
      : []),
  ];
}

/** A client whose answer was lost asks again after the time-out, with a token that is spent by then. */
function grace({ policy, proxyTimeout }: AddressQuestion): Finding {
  const { grace: milliseconds } = policy;
  const said = `REFRESH_GRACE ${formatDuration(milliseconds)}`;
  if (proxyTimeout === undefined) return finding('grace', 'ok', `${said}; name --proxy-timeout to compare it`);
  if (proxyTimeout <= milliseconds) return finding('grace', 'ok', `${said}, time-out ${formatDuration(proxyTimeout)}`);
  return finding(
    'grace',
    'warn',
    `${said} is shorter than the time-out of ${formatDuration(proxyTimeout)}: who asks again after it looks like a thief, unless the client sends an Idempotency-Key, as keyturn/client does. Shorten the time-out.`,
  );
}

interface WholeAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/**
 * The whole answer, or why there is none. The timer is our own: on Node 20 and 22 `AbortSignal.timeout()` can be collected
 * as garbage before it fires.
 */
async function ask(at: string, request: RequestInit): Promise<WholeAnswer | string> {
  const aborting = new AbortController();
  const exchange = async (): Promise<WholeAnswer> => {
    const answer = await fetch(at, { redirect: 'manual', signal: aborting.signal, ...request });
    return { status: answer.status, headers: answer.headers, body: await answer.text() };
  };
  try {
    return await within(PATIENCE, exchange(), () => new Error(`no whole answer within ${PATIENCE / 1000} s`));
  } catch (error) {
    const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
    return cause?.code ?? cause?.message ?? message;
  } finally {
    aborting.abort();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
