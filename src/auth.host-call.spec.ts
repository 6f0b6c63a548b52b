import { AuthConfigError, AuthError, type AuthErrorDetails } from './auth.errors.js';
import { askHost } from './auth.host-call.js';

const unavailable = (details: AuthErrorDetails) => new AuthError('store_unavailable', 'Try again.', details);
const faultOf = async (ask: () => unknown): Promise<unknown> => {
  const error: unknown = await askHost('loadSubject', ask, unavailable).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'store_unavailable', retryAfter: 1 });
  return (error as AuthError).fault;
};
const throwing = (error: unknown) => () => {
  throw error;
};

describe('a function of the host that cannot tell', () => {
  it('is named with the kind of its error and no word of it, since a driver writes values of the query into its message', async () => {
    const refused = Object.assign(new Error('select * from users where email = ann@shop.example'), {
      code: 'ECONNREFUSED',
    });
    const query = Object.assign(new Error('Failed query: params: ann@shop.example', { cause: refused }), {
      name: 'DrizzleQueryError',
    });

    expect(await faultOf(throwing(refused))).toBe('loadSubject failed: Error ECONNREFUSED');
    expect(await faultOf(throwing(query))).toBe('loadSubject failed: DrizzleQueryError ECONNREFUSED');
    expect(await faultOf(() => Promise.reject(new TypeError('of ann@shop.example')))).toBe(
      'loadSubject failed: TypeError',
    );
    expect(await faultOf(throwing('ann@shop.example'))).toBe('loadSubject failed: string');
  });

  it('is told what it has to give, where its answer is wrong', async () => {
    const wrong = new AuthConfigError('claims: sub cannot be set by the host');
    expect(await faultOf(throwing(wrong))).toBe('loadSubject failed: claims: sub cannot be set by the host');
  });

  it('is not waited for for ever, and the operator learns that it was slow', async () => {
    jest.useFakeTimers();
    const fault = faultOf(() => new Promise(() => undefined));
    await jest.advanceTimersByTimeAsync(6_000);
    expect(await fault).toBe('loadSubject took longer than 5000 ms');
    jest.useRealTimers();
  });

  it('may refuse by an AuthError of its own, which is passed on', async () => {
    const own = new AuthError('forbidden', 'This user is locked.');
    await expect(askHost('loadUser', throwing(own), unavailable)).rejects.toBe(own);
  });
});
