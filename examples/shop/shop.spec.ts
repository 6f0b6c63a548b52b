import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { InMemoryTokenRepositoryModule, type ErrorBody, type TokenAnswer } from 'keyturn';
import { KeyturnTestingModule, signedIn } from 'keyturn/testing';
import type { Cart } from './cart.service.js';
import type { Order } from './checkout.controller.js';
import type { Draft } from './drafts.controller.js';
import type { Product } from './products.js';
import { ShopModule } from './shop.module.js';
import { DEMO_PASSWORD, demoUsers, UsersService } from './users.service.js';

let app: INestApplication;
let keyturn: KeyturnTestingModule;
let users: UsersService;

// Once: hashing passwords is slow on purpose, and no test changes them.
beforeAll(async () => {
  users = new UsersService(await demoUsers());
});

beforeEach(async () => {
  const builder = Test.createTestingModule({ imports: [ShopModule.forRoot(InMemoryTokenRepositoryModule.forRoot())] })
    .overrideProvider(UsersService)
    .useValue(users);
  keyturn = KeyturnTestingModule.replaceStore(builder);
  const module = await builder.compile();
  app = module.createNestApplication({ logger: ['error'] });
  await app.listen(0, '127.0.0.1');
});

afterEach(() => app.close());

interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
  /** The access token that the answer renewed, if it did. */
  readonly renewed: string | null;
}

async function call<Body>(route: string, token?: string, json?: object): Promise<Answer<Body>> {
  const [method = '', path = ''] = route.split(' ');
  const { port } = (app.getHttpServer() as { address(): AddressInfo }).address();
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(json && { 'content-type': 'application/json' }),
    },
    body: json && JSON.stringify(json),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    body: (text === '' ? undefined : JSON.parse(text)) as Body,
    renewed: answer.headers.get('renewed-access-token'),
  };
}

const tryLogin = <Body>(email: string, password: string) => call<Body>('POST /login', undefined, { email, password });

async function logIn(email = 'ada@example.com'): Promise<TokenAnswer> {
  const { status, body } = await tryLogin<TokenAnswer>(email, DEMO_PASSWORD);
  expect(status).toBe(200);
  return body;
}

/** A token's renewal becomes due. */
const workOn = ({ renew_after: seconds }: TokenAnswer): void => keyturn.advance(`${seconds}s`);

const TEAPOT = { product: 'teapot', quantity: 1 };

describe('the shop', () => {
  it('lets a customer browse, log in, fill a cart all afternoon, write a review, pay and leave', async () => {
    const products = await call<Product[]>('GET /products');
    expect(products.body.map(({ id }) => id)).toContain('teapot');

    const login = await logIn();
    let token = login.access_token;
    expect((await call('POST /cart/items', token, TEAPOT)).renewed).toBeNull();

    for (const product of ['cup', 'tea', 'cup']) {
      workOn(login);
      const { status, renewed } = await call('POST /cart/items', token, { product, quantity: 2 });
      expect({ status, renewed }).toEqual({ status: 201, renewed: expect.any(String) as string });
      token = renewed!;
    }
    expect((await call<ErrorBody>('GET /cart', login.access_token)).body.code).toBe('token_expired');
    expect((await call<Cart>('DELETE /cart/items/tea', token)).body.total_cents).toBe(4180 + 4 * 950);

    expect((await call<Draft>('GET /drafts/teapot', token)).body.text).toBe('');
    await call('PUT /drafts/teapot', token, { text: 'Pours well.' });
    expect((await call<Draft>('GET /drafts/teapot', token)).body).toMatchObject({ author: 'Ada', text: 'Pours well.' });

    keyturn.advance('1d');
    const { body: next } = await call<TokenAnswer>('POST /auth/refresh', undefined, {
      refresh_token: login.refresh_token,
    });
    const asked = await call<ErrorBody>('POST /checkout', next.access_token);
    expect(asked).toMatchObject({ status: 401, body: { code: 'insufficient_user_authentication' } });
    const again = await call<TokenAnswer>('POST /reauthenticate', next.access_token, { password: DEMO_PASSWORD });
    const order = await call<Order>('POST /checkout', again.body.access_token);
    expect(order.body).toMatchObject({ number: 1, customer: 'Ada', total_cents: 7980 });

    expect((await call('POST /auth/logout', next.access_token)).status).toBe(204);
    const refresh = { refresh_token: next.refresh_token };
    expect((await call<ErrorBody>('POST /auth/refresh', undefined, refresh)).body.code).toBe('session_revoked');
  });

  it.each([
    'GET /cart',
    'POST /cart/items',
    'DELETE /cart/items/tea',
    'GET /drafts/tea',
    'PUT /drafts/tea',
    'POST /checkout',
    'GET /checkout/orders',
    'POST /reauthenticate',
  ])('answers %s for nobody without a token, because what is not public is guarded', async (route) => {
    const { status, body } = await call<ErrorBody>(route);
    expect({ status, code: body.code }).toEqual({ status: 401, code: 'token_missing' });
  });

  it('answers an unknown e-mail and a wrong password alike, so that nobody learns who has an account', async () => {
    const wrong = await tryLogin<ErrorBody>('ada@example.com', 'wrong horse');
    expect(wrong).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } });
    expect(await tryLogin('nobody@example.com', DEMO_PASSWORD)).toEqual(wrong);
  });

  it('lets nobody guess for long: ten wrong passwords, then a pause', async () => {
    const guess = () => tryLogin<ErrorBody>('grace@example.com', 'wrong horse');
    for (let n = 0; n < 10; n++) expect((await guess()).body.code).toBe('invalid_credentials');
    expect(await guess()).toMatchObject({ status: 429, body: { code: 'too_many_attempts' } });
    expect((await tryLogin('grace@example.com', DEMO_PASSWORD)).status).toBe(429);
    await logIn('ada@example.com');

    keyturn.advance('15m');
    await logIn('grace@example.com');
  });

  it('says which field of a body is wrong, and takes none that it does not know', async () => {
    const { access_token: token } = await logIn();
    const { status, body } = await call<ErrorBody>('POST /cart/items', token, {
      product: 'yacht',
      quantity: 1,
      price: 0,
    });
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'invalid_request' });
    expect(body.details?.join()).toMatch(/price should not exist.*product must be one of/);
  });

  it('does not slide for looking at the cart, because an open page is nobody at work', async () => {
    const login = await logIn();
    workOn(login);
    expect(await call('GET /cart', login.access_token)).toMatchObject({ status: 200, renewed: null });
  });

  it.each([
    ['opening a draft', 'GET /drafts/tea', undefined],
    ['saving a draft', 'PUT /drafts/tea', { text: 'Hot.' }],
    ['adding to the cart', 'POST /cart/items', TEAPOT],
    ['removing from the cart', 'DELETE /cart/items/teapot', undefined],
  ])('slides for %s, because somebody is at work there', async (_, route, json) => {
    const login = await logIn();
    workOn(login);
    expect((await call(route, login.access_token, json)).renewed).toEqual(expect.any(String));
  });

  it('keeps the cart and the drafts of one customer from another', async () => {
    const [ada, grace] = [await logIn('ada@example.com'), await logIn('grace@example.com')];
    await call('POST /cart/items', ada.access_token, TEAPOT);
    await call('PUT /drafts/teapot', ada.access_token, { text: 'Mine.' });

    expect((await call<Cart>('GET /cart', grace.access_token)).body.items).toEqual([]);
    expect((await call<Draft>('GET /drafts/teapot', grace.access_token)).body.text).toBe('');
  });

  it('sells an order once, because the cart is empty afterwards', async () => {
    const { access_token: token } = await logIn();
    await call('POST /cart/items', token, TEAPOT);
    expect((await call('POST /checkout', token)).status).toBe(201);
    expect((await call('POST /checkout', token)).status).toBe(409);
  });

  it('asks for the password again at the checkout, five minutes after it was given', async () => {
    const login = await logIn();
    await call('POST /cart/items', login.access_token, TEAPOT);
    keyturn.advance('6m');
    expect((await call<ErrorBody>('POST /checkout', login.access_token)).body.code).toBe(
      'insufficient_user_authentication',
    );

    const wrong = await call<ErrorBody>('POST /reauthenticate', login.access_token, { password: 'wrong horse' });
    expect(wrong).toMatchObject({ status: 401, body: { code: 'invalid_credentials' } });
    const { body } = await call<TokenAnswer>('POST /reauthenticate', login.access_token, { password: DEMO_PASSWORD });
    expect(body.refresh_token).toBeUndefined();
    expect((await call('POST /checkout', body.access_token)).status).toBe(201);
  });

  it('keeps a customer signed in whose network loses the answer of a refresh', async () => {
    const { refreshToken } = await signedIn(app, { sub: 'u1', client: 'app' });
    keyturn.loseNextRefreshAnswer();
    const refresh = () => call<TokenAnswer>('POST /auth/refresh', undefined, { refresh_token: refreshToken });
    await expect(refresh()).rejects.toThrow('fetch failed');
    expect((await refresh()).status).toBe(200);
  });

  it('shows the orders to its staff, and to no customer', async () => {
    const [ada, alan] = [await logIn(), await logIn('alan@example.com')];
    await call('POST /cart/items', ada.access_token, TEAPOT);
    await call('POST /checkout', ada.access_token);

    expect((await call<Order[]>('GET /checkout/orders', alan.access_token)).body).toMatchObject([{ customer: 'Ada' }]);
    const refused = await call<ErrorBody>('GET /checkout/orders', ada.access_token);
    expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });
});

describe('a page of the shop', () => {
  const page = { email: 'ada@example.com', password: DEMO_PASSWORD, client_id: 'web' };
  const ask = async (route: string, headers: Record<string, string>, json?: object) => {
    const [method = '', path = ''] = route.split(' ');
    const { port } = (app.getHttpServer() as { address(): AddressInfo }).address();
    const sent = { ...headers, ...(json && { 'content-type': 'application/json' }) };
    return fetch(`http://127.0.0.1:${port}${path}`, { method, headers: sent, body: json && JSON.stringify(json) });
  };
  const own = { 'sec-fetch-site': 'same-origin' };
  const cookieOf = (answer: Response): string =>
    answer.headers
      .getSetCookie()
      .find((cookie) => cookie.startsWith('__Host-access_token='))!
      .split(';')[0]!;

  it('gets its tokens in cookies and none in the body, and pays by them', async () => {
    const login = await ask('POST /login', own, page);
    expect(await login.json()).not.toHaveProperty('access_token');
    const cookie = cookieOf(login);
    await ask('POST /cart/items', { ...own, cookie }, { product: 'teapot', quantity: 1 });
    expect((await ask('POST /checkout', { ...own, cookie })).status).toBe(201);
  });

  it('of somebody else neither logs a visitor in nor pays for him', async () => {
    const foreign = { 'sec-fetch-site': 'cross-site' };
    expect((await ask('POST /login', foreign, page)).status).toBe(403);
    const cookie = cookieOf(await ask('POST /login', own, page));
    expect((await ask('POST /checkout', { ...foreign, cookie })).status).toBe(403);
  });
});
