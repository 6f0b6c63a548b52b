import { Test } from '@nestjs/testing';
import { AuthConfigError, AuthModule, InMemoryTokenRepositoryModule, type AuthModuleOptions } from '../../src/index.js';
import { ISSUER, keys } from '../support/auth-library.js';

describe('a start that must not happen', () => {
  const store = InMemoryTokenRepositoryModule.forRoot();
  const startWith = (changes: object) =>
    Test.createTestingModule({
      imports: [AuthModule.forRoot({ issuer: ISSUER, keys, store, ...changes })],
    }).compile();
  const refusal = async (start: () => Promise<unknown>): Promise<unknown> => {
    try {
      await start();
    } catch (error) {
      return error;
    }
    return 'started';
  };

  it.each<[string, object, RegExp]>([
    ['issuer', { issuer: undefined }, /issuer must be given/],
    ['keys', { keys: undefined }, /keys must be a private JWKS/],
    ['accessTtl', { accessTtl: 1800 }, /accessTtl is 1800; it must be a duration/],
    ['grace', { grace: '2m' }, /grace is '2m'; it must be from/],
    ['algorithm', { algorithm: 'RS256' }, /no key with "purpose": "access" for algorithm RS256/],
    ['strategy', { strategy: 'sometimes' }, /strategy 'sometimes'/],
    ['guard', { guard: 'globally' }, /must be one of manual, global/],
    ['store', { store: undefined }, /store must be given/],
    ['a misspelt option', { acessTtl: '5m' }, /unknown option: acessTtl/],
    ['a misspelt extra', { isglobal: true }, /unknown option: isglobal; did you mean isGlobal\?/],
    ['a misspelt guard', { gaurd: 'global' }, /unknown option: gaurd; did you mean guard\?/],
  ])('is stopped by name: %s', async (_name, changes, sentence) => {
    const error = await refusal(async () => startWith(changes));
    expect(error).toBeInstanceOf(AuthConfigError);
    expect((error as Error).message).toMatch(sentence);
  });

  it('names what stands misspelt beside useFactory, which would have no effect there', async () => {
    const useFactory = () => ({ issuer: ISSUER, keys });
    const misspelt = { store, useFactory, isglobal: true } as object as Parameters<typeof AuthModule.forRootAsync>[0];
    expect(() => AuthModule.forRootAsync(misspelt)).toThrow(AuthConfigError);
    expect(() => AuthModule.forRootAsync(misspelt)).toThrow(/unknown option beside useFactory: isglobal/);
  });

  it('says of an option of the factory that stands beside it where it belongs', () => {
    const useFactory = () => ({ issuer: ISSUER, keys });
    const misplaced = { store, useFactory, issuer: ISSUER } as object as Parameters<typeof AuthModule.forRootAsync>[0];
    expect(() => AuthModule.forRootAsync(misplaced)).toThrow('issuer stands in what useFactory returns, not beside it');
  });

  it('names what the factory gave wrongly, an extra among it that comes too late', async () => {
    for (const [given, sentence] of [
      [{ idleTtl: '100d' }, /idleTtl is '100d'/],
      [{ guard: 'global' }, /guard stands beside useFactory/],
    ] as const) {
      const useFactory = (): AuthModuleOptions => ({ issuer: ISSUER, keys, ...given });
      const start = () =>
        Test.createTestingModule({ imports: [AuthModule.forRootAsync({ store, useFactory })] }).compile();
      const error = await refusal(start);
      expect(error).toBeInstanceOf(AuthConfigError);
      expect((error as Error).message).toMatch(sentence);
    }
  });

  it('starts when all is well, or the refusals above would prove nothing', async () => {
    expect(await refusal(async () => startWith({}))).toBe('started');
    expect(await refusal(async () => startWith({ guard: 'global', isGlobal: true, routes: { path: 'auth' } }))).toBe(
      'started',
    );
  });
});
