import { issuerUrl } from './issuer-request.js';

describe('a URL of the auth service', () => {
  it.each([
    'https://auth.example/.well-known/jwks.json',
    'http://localhost:3000/jwks',
    'http://127.0.0.1:3000/jwks',
    'http://127.1/jwks',
    'http://[::1]:3000/jwks',
  ])('may be %s', (url) => {
    expect(issuerUrl('jwksUri', url).href).toBe(new URL(url).href);
  });

  it.each([
    'http://auth.example/jwks',
    'http://localhost.example/jwks',
    'http://127.0.0.1.example/jwks',
    'http://10.0.0.7/jwks',
    'https://user:password@auth.example/jwks',
    'https://auth.example/jwks#a',
    'file:///etc/passwd',
    '/jwks.json',
    '',
    undefined,
    7,
  ])('may not be %j', (url) => {
    expect(() => issuerUrl('jwksUri', url)).toThrow(/^jwksUri must be a URL of the auth service by https:/);
  });

  it('is not printed where it is refused, because it may hold a password', () => {
    expect(() => issuerUrl('renewUrl', 'https://user:password@auth.example/')).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('password') as string }),
    );
  });
});
