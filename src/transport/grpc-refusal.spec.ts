import type { ArgumentsHost } from '@nestjs/common';
import { AUTH_ERRORS, AuthError, type AuthErrorCode } from '../auth.errors.js';
import { ErrorTranslator } from './error-translator.js';

/** As far as it is used, the class of `@grpc/grpc-js`. */
class Metadata {
  private readonly values = new Map<string, string>();
  set = (name: string, value: string) => void this.values.set(name, value);
  getMap = () => Object.fromEntries(this.values);
}

/** A context of Nest for other transports. */
const TCP = { getPattern: () => 'orders' };

const ownCodes = {
  order_closed: { status: 418, meaning: 'The order is closed.', client: 'Make a new one.' },
};
const policy = { issuer: 'https://auth.example', errorCodes: { ...AUTH_ERRORS, ...ownCodes } };
const translator = new ErrorTranslator(policy as never, {} as never);

async function refusal(error: AuthError, carrier: object = new Metadata()) {
  const host = { getType: () => 'rpc', getArgByIndex: (at: number) => [{}, carrier][at], getArgs: () => [{}, carrier] };
  const exception = await translator.translate(error, host as unknown as ArgumentsHost);
  return (exception as unknown as { getError(): object }).getError();
}
const statusOf = async (code: string) => Object(await refusal(new AuthError(code as AuthErrorCode, 'No.'))).code;

describe('a refusal in gRPC', () => {
  it('has the status that clients, proxies and their retries go by; each other code would be UNKNOWN', async () => {
    const [UNAUTHENTICATED, PERMISSION_DENIED, UNAVAILABLE, RESOURCE_EXHAUSTED] = [16, 7, 14, 8];
    for (const code of ['token_missing', 'token_expired', 'session_revoked', 'insufficient_user_authentication'])
      expect(await statusOf(code)).toBe(UNAUTHENTICATED);
    expect(await statusOf('forbidden')).toBe(PERMISSION_DENIED);
    expect(await statusOf('store_unavailable')).toBe(UNAVAILABLE);
    expect(await statusOf('too_many_attempts')).toBe(RESOURCE_EXHAUSTED);
  });

  it('has a number for every status, also for those of the host', async () => {
    for (const code of [...Object.keys(AUTH_ERRORS), 'order_closed'])
      expect(await statusOf(code)).toEqual(expect.any(Number));
  });

  it('has the code of Keyturn in its metadata: a client must know token_expired, which it refreshes on, from others', async () => {
    const old = new AuthError('insufficient_user_authentication', 'Give the password again.', { maxAge: 300 });
    const { message, metadata } = (await refusal(old)) as { message: string; metadata: Metadata };
    expect(message).toBe('Give the password again.');
    expect(metadata.getMap()).toEqual({ code: 'insufficient_user_authentication', max_age: '300' });
  });

  it('has nothing of the caller in its metadata, which would send a token back', async () => {
    const call = new Metadata();
    call.set('authorization', 'Bearer abc');
    const { metadata } = (await refusal(new AuthError('forbidden', 'No.'), call)) as { metadata: Metadata };
    expect(metadata.getMap()).toEqual({ code: 'forbidden' });
  });

  it('is of no other transport: there the code stays in the message', async () => {
    expect(await refusal(new AuthError('forbidden', 'No.'), TCP)).toEqual({
      status: 'error',
      code: 'forbidden',
      message: 'No.',
    });
  });
});
