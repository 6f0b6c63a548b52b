import { isSameOrigin, isSafe } from './same-origin.js';

const origins = new Set(['https://auth.example', 'https://shop.example']);
const SITES = ['same-origin', 'same-site', 'cross-site', 'none', 'Same-Origin', undefined];
const ORIGINS = ['https://auth.example', 'https://shop.example', 'https://evil.example', 'null', '', undefined];

describe('whether a page may rely on cookies', () => {
  it.each(SITES.flatMap((site) => ORIGINS.map((origin) => [site, origin] as const)))(
    'Sec-Fetch-Site %j with Origin %j: only by one word that is good',
    (site, origin) => {
      const own = site === 'same-origin' || (origin !== undefined && origins.has(origin));
      expect(isSameOrigin({ headers: { 'sec-fetch-site': site, origin } }, origins)).toBe(own);
    },
  );

  it.each([
    'https://shop.example.evil.example',
    'https://shop.example:8443',
    'http://shop.example',
    'https://SHOP.example',
    'https://shop.example/',
  ])('%s is another origin', (origin) => {
    expect(isSameOrigin({ headers: { origin } }, origins)).toBe(false);
  });
});

it.each([
  ['GET', true],
  ['HEAD', true],
  ['OPTIONS', true],
  ['POST', false],
  ['DELETE', false],
  ['get', false],
  [undefined, false],
])('a call by %j changes nothing: %j', (method, safe) => {
  expect(isSafe({ headers: {}, method })).toBe(safe);
});
