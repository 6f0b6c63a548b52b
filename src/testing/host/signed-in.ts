import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { AUTH_POLICY, SessionService, TokenResponder, type AuthPolicy, type TokenGrant } from '../../index.js';
import { Subjects } from '../../internal.js';
import { claimsOf, partOf, subOf, type ApplicationUnderTest, type TestUser } from './test-user.js';

/** A session that a test has opened. */
export interface TestSession {
  /** For a request of the user: `{ authorization: 'Bearer …' }`. */
  readonly headers: { readonly authorization: string };
  /** The user. */
  readonly sub: string;
  /** The session. */
  readonly sid: string;
  /** The access token, also in `headers`. */
  readonly accessToken: string;
  /** Absent in the `access` strategies. */
  readonly refreshToken?: string;
}

async function open(app: ApplicationUnderTest, user: TestUser): Promise<TokenGrant> {
  const subjects = partOf(app, Subjects);
  const sub = subOf(user);
  const claims = claimsOf(user);
  const session = { sid: '', clientId: user.client ?? 'default' };
  const subject = subjects.known ? await subjects.load(sub, session) : undefined;
  if (subject === null) {
    throw new Error(
      `keyturn/testing: loadSubject gave null for "${sub}". Create the user before, or name one it knows.`,
    );
  }
  return partOf(app, SessionService).open({
    sub,
    claims: Object.keys(claims).length > 0 ? claims : undefined,
    clientId: user.client,
    authTime: user.authTime,
    generation: subject?.generation,
  });
}

/**
 * Opens a session, as a login would, and gives what the user's requests need.
 *
 * With `loadSubject` the roles and scopes are what it says, and are refused here; the user must be one that it knows.
 *
 * @param app the application, or the testing module
 * @throws AuthConfigError for claims that the application refuses at `open`
 * @example
 * ```ts
 * const ada = await signedIn(app, { sub: 'ada', roles: ['admin'] });
 * await request(app.getHttpServer()).get('/orders').set(ada.headers).expect(200);
 * ```
 */
export async function signedIn(app: ApplicationUnderTest, user: TestUser = {}): Promise<TestSession> {
  const { accessToken, refreshToken, sessionId: sid } = await open(app, user);
  return { headers: { authorization: `Bearer ${accessToken}` }, sub: subOf(user), sid, accessToken, refreshToken };
}

/** The cookies of a browser, for one application. */
export interface CookieJar {
  /** For the next request: the cookies, and what a browser says of a page of the same origin. */
  readonly headers: { readonly cookie: string; readonly 'sec-fetch-site': 'same-origin' };
  /** The session that the cookies belong to. */
  readonly sid: string;
  /**
   * Takes over the cookies that an answer sets or clears.
   * @param answer of `fetch`, or of supertest
   */
  take(answer: AnswerWithCookies): void;
}

/** What both `fetch` and supertest call an answer, as far as it is about cookies. */
export interface AnswerWithCookies {
  /** Headers of `fetch`, of `inject()` or of supertest. */
  readonly headers: { getSetCookie(): string[] } | { readonly [name: string]: unknown };
}

/**
 * Opens a session of a client with `transport: 'cookie'`, and keeps its cookies as a browser does. Paths are not
 * compared: each request gets all of them.
 *
 * @example
 * ```ts
 * const browser = await cookieJar(app, { sub: 'ada', client: 'web' });
 * const answer = await fetch(`${url}/auth/refresh`, { method: 'POST', headers: browser.headers });
 * browser.take(answer);
 * ```
 */
export async function cookieJar(app: ApplicationUnderTest, user: TestUser): Promise<CookieJar> {
  const policy = app.get<AuthPolicy>(AUTH_POLICY, { strict: false });
  const client = user.client ?? 'default';
  if (policy.clients.get(client)?.transport !== 'cookie') {
    throw new Error(`keyturn/testing: the client "${client}" has no cookies. Name one with transport: 'cookie'.`);
  }
  const grant = await open(app, user);
  const cookies = new Map<string, string>();
  const take = (lines: readonly string[]): void => {
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split(/; */);
      const name = pair.slice(0, pair.indexOf('='));
      if (attributes.some((attribute) => /^max-age=0$/i.test(attribute))) cookies.delete(name);
      else cookies.set(name, pair);
    }
  };
  const response = responseOfSameOrigin();
  partOf(app, TokenResponder).respond(response, grant);
  take(linesOf(response.getHeader('set-cookie')));
  return {
    sid: grant.sessionId,
    get headers() {
      return { cookie: [...cookies.values()].join('; '), 'sec-fetch-site': 'same-origin' as const };
    },
    take({ headers }) {
      take(linesOf('getSetCookie' in headers ? (headers as Headers).getSetCookie() : headers['set-cookie']));
    },
  };
}

const linesOf = (header: unknown): string[] => (header === undefined ? [] : [header].flat().map(String));

/** What Fastify takes for a response of Node, and Express for one of its own. */
function responseOfSameOrigin(): ServerResponse {
  const request = new IncomingMessage(new Socket());
  request.headers = { 'sec-fetch-site': 'same-origin' };
  const response = new ServerResponse(request);
  const set = (name: string, value: string) => response.setHeader(name, value);
  const append = (name: string, value: string) => response.appendHeader(name, value);
  return Object.assign(response, { set, append });
}
