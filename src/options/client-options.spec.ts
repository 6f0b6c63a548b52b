import { DAY, MINUTE } from './durations.js';
import { resolveOptions, type SessionMode } from './options.js';

const resolve = (options: object, strategy: SessionMode = 'refresh-sliding') =>
  resolveOptions({ issuer: 'https://auth.example', ...options }, strategy);
const refusal = (options: object): string => {
  try {
    resolve(options);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error(`not refused: ${JSON.stringify(options)}`);
};

describe('options: clients', () => {
  const clientsOf = (clients: unknown, more: object = {}, strategy?: SessionMode) =>
    Object.fromEntries(resolve({ ...more, clients }, strategy).clients);

  it('have what all have, but for what they say themselves', () => {
    const clients = { web: { transport: 'cookie', accessTtl: '5m' }, android: { absoluteTtl: '365d', idleTtl: '90d' } };
    expect(clientsOf(clients, { accessTtl: '10m' })).toMatchObject({
      default: { transport: 'body', accessTtl: 10 * MINUTE, idleTtl: 14 * DAY, absoluteTtl: 90 * DAY },
      web: { transport: 'cookie', accessTtl: 5 * MINUTE, idleTtl: 14 * DAY, absoluteTtl: 90 * DAY },
      android: { transport: 'body', accessTtl: 10 * MINUTE, idleTtl: 90 * DAY, absoluteTtl: 365 * DAY },
    });
  });

  it('are lowered to their own end by what they leave out, and refused beyond it by what they say', () => {
    expect(clientsOf({ kiosk: { absoluteTtl: '10m' } }, { idleTtl: '30d' }).kiosk).toMatchObject({
      accessTtl: 10 * MINUTE,
      idleTtl: 10 * MINUTE,
    });
    expect(refusal({ clients: { kiosk: { absoluteTtl: '10m', idleTtl: '1h' } } })).toMatch(
      /^clients\.kiosk\.idleTtl is '1h'/,
    );
  });

  it('may set the default anew', () => {
    expect(clientsOf({ default: { transport: 'cookie' } }).default).toMatchObject({ transport: 'cookie' });
  });

  it('in refresh have an idle time that is their absolute end', () => {
    expect(clientsOf({ web: { absoluteTtl: '7d' } }, {}, 'refresh').web).toMatchObject({ idleTtl: 7 * DAY });
  });

  it.each([
    [[], /^clients must be an object/],
    [null, /^clients must be an object/],
    ['web', /^clients must be an object/],
    [{ web: null }, /^clients\.web must be an object/],
    [{ web: { transport: 'header' } }, /^clients\.web\.transport is 'header'/],
    [{ web: { ttl: '5m' } }, /unknown option of clients\.web: ttl/],
    [{ 'a b': {} }, /^clients must have ids of 1 to 64/],
    [{ '': {} }, /^clients must have ids of 1 to 64/],
  ])('refuses %j', (clients, sentence) => {
    expect(refusal({ clients })).toMatch(sentence);
  });
});

describe('options: cookies and origins', () => {
  it.each([
    [{ cookies: { sameSite: 'Strict' } }, /^cookies\.sameSite is 'Strict'/],
    [{ cookies: { domain: 'https://shop.example' } }, /^cookies\.domain is/],
    [{ cookies: { domain: '.shop.example' } }, /^cookies\.domain is/],
    [{ cookies: { domain: 'a; Path=/' } }, /^cookies\.domain is/],
    [{ cookies: { name: 'a' } }, /unknown option of cookies: name/],
    [{ cookies: { prefix: '__Host-' } }, /^cookies\.prefix is/],
    [{ cookies: { prefix: 'a b' } }, /^cookies\.prefix is/],
    [{ cookies: { prefix: 'a'.repeat(33) } }, /^cookies\.prefix is/],
    [{ cookies: { insecure: true } }, /^cookies\.insecure is for development/],
    [{ issuer: 'http://localhost', cookies: { insecure: true, sameSite: 'none' } }, /^cookies\.sameSite is 'none'/],
    [{ allowedOrigins: 'https://shop.example' }, /^allowedOrigins must be a list/],
  ])('refuses %j', (options, sentence) => {
    expect(refusal(options)).toMatch(sentence);
  });

  it.each(['', 'auth', '/auth/', '//', '/a b', '/a;Domain=b', '/a\r\nx', '/ä'])(
    'refuses %j as the path of a cookie',
    (path) => {
      expect(refusal({ cookies: { path } })).toMatch(/^cookies\.path is/);
    },
  );

  it.each([
    '*',
    'null',
    '',
    'shop.example',
    'https://shop.example/',
    'https://shop.example/cart',
    'https://*.example',
    'htps://shop.example',
    'capacitor://localhost/',
    'file://',
    7,
  ])('refuses %j as an allowed origin: no browser says so, or every page does', (origin) => {
    expect(refusal({ allowedOrigins: ['https://good.example', origin] })).toMatch(/^allowedOrigins has/);
  });

  it('takes origins as browsers write them', () => {
    const allowedOrigins = ['https://shop.example', 'http://localhost:5173'];
    expect(resolve({ allowedOrigins }).allowedOrigins).toEqual(allowedOrigins);
  });

  it('takes those of apps in a web view, which say their own scheme: without it no request of an iPhone is answered', () => {
    const allowedOrigins = ['capacitor://localhost', 'tauri://localhost', 'chrome-extension://abcdefghijklmnop'];
    expect(resolve({ allowedOrigins }).allowedOrigins).toEqual(allowedOrigins);
  });
});
