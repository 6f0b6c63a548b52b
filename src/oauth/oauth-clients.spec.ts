import type { LoadClient } from '../options/auth-options.js';
import { resolveOptions } from '../options/options.js';
import { OAuthClients } from './oauth-clients.js';

const ISSUER = 'https://auth.example';
const HASH = 'A'.repeat(43);

const clientsBy = (loadClient: LoadClient): OAuthClients =>
  new OAuthClients(resolveOptions({ issuer: ISSUER, loadClient }, 'refresh'));

const AWAY = { code: 'store_unavailable', retryAfter: 1 };

describe('a client that the host loads', () => {
  it.each<[string, LoadClient]>([
    ['throws', () => Promise.reject(new Error('the database is away'))],
    [
      'throws at once',
      () => {
        throw new Error('the database is away');
      },
    ],
  ])('is asked for again later where the host %s: nobody is told of a wrong secret', async (_how, load) => {
    await expect(clientsBy(load).find('robot')).rejects.toMatchObject(AWAY);
  });

  it('is not waited for for ever', async () => {
    jest.useFakeTimers();
    const found = clientsBy(() => new Promise(() => undefined)).find('robot');
    const [refused] = await Promise.all([found.catch((error: unknown) => error), jest.advanceTimersByTimeAsync(6_000)]);
    expect(refused).toMatchObject(AWAY);
    jest.useRealTimers();
  });

  it('has the audience of all tokens where its row names none, as a configured one has', async () => {
    const row = { secretHashes: [HASH], audience: [], scope: '', jwks: null };
    expect(await clientsBy(() => row).find('robot')).toMatchObject({ audience: [ISSUER], scopes: [], keys: undefined });
  });

  it.each([
    [{ secretHashes: ['secret'] }, 'loadClient secretHashes'],
    [{ scope: 'a  b' }, 'loadClient scope'],
    [{ audience: 'urn:orders' }, 'loadClient audience'],
    [{ jwks: { keys: [] } }, 'loadClient jwks'],
  ])('is refused by the name of what is wrong in its row: %j', async (row, name) => {
    await expect(clientsBy(() => row as never).find('robot')).rejects.toThrow(name);
  });
});
