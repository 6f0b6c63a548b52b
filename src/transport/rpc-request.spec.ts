import { rpcRequest, withAccessToken } from './rpc-request.js';

const TCP = { getPattern: () => 'orders' };
const authorizationOf = (carrier: object, payload?: unknown) => rpcRequest(carrier, payload)?.headers.authorization;

describe('the token of an RPC message', () => {
  it('travels as a field of the payload where there is no metadata, and its handler never sees it', () => {
    const payload = withAccessToken({ page: 1 }, 'abc');
    expect(payload).toEqual({ page: 1, access_token: 'abc' });
    expect(authorizationOf(TCP, payload)).toBe('Bearer abc');
    expect(payload).toEqual({ page: 1 });
  });

  it.each<[string, object]>([
    ['NATS', { getHeaders: () => new Map([['authorization', 'Bearer abc']]) }],
    ['Kafka', { getMessage: () => ({ headers: { authorization: Buffer.from('Bearer abc') } }) }],
    ['RabbitMQ', { getMessage: () => ({ properties: { headers: { authorization: 'Bearer abc' } } }) }],
    ['MQTT', { getPacket: () => ({ properties: { userProperties: { authorization: 'Bearer abc' } } }) }],
    ['gRPC', { getMap: () => ({ authorization: 'Bearer abc' }) }],
  ])('is read from the metadata of %s', (_transport, carrier) => {
    expect(authorizationOf(carrier)).toBe('Bearer abc');
  });

  it('in metadata stands before one in the payload, which is left alone', () => {
    const payload = { access_token: 'other' };
    expect(authorizationOf({ getHeaders: () => ({ authorization: 'Bearer abc' }) }, payload)).toBe('Bearer abc');
    expect(payload).toEqual({ access_token: 'other' });
  });

  it.each<[string, unknown]>([
    ['no payload', undefined],
    ['a text', 'access_token'],
    ['a token that is no text', { access_token: { $ne: 1 } }],
    ['an inherited token', Object.create({ access_token: 'abc' })],
  ])('is not found in %s', (_story, payload) => {
    expect(authorizationOf(TCP, payload)).toBeUndefined();
  });

  it('cannot be put into a payload without fields, and a caller without a token adds none', () => {
    for (const payload of [[1], null, 'text'])
      expect(() => withAccessToken(payload as never, 'abc')).toThrow(/plain object/);
    expect(withAccessToken({ page: 1 }, undefined)).toEqual({ page: 1 });
  });
});
