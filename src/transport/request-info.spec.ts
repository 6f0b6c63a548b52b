import type { IncomingRequest } from './request-context.js';
import { requestInfoOf } from './request-info.js';

const idsOf = (request: Partial<IncomingRequest>) => {
  const { requestId, clientRequestId } = requestInfoOf({ headers: {}, ...request });
  return [requestId, clientRequestId];
};
const withHeader = (id: string | string[]) => ({ headers: { 'x-request-id': id } });

describe('which request it was', () => {
  it("is told by the server's own id, with the client's beside it, which anybody can choose", () => {
    expect(idsOf({ ...withHeader('7f3c9a'), id: 'req-1' })).toEqual(['req-1', '7f3c9a']);
  });

  it.each([[''], ['x'.repeat(65)], ['two words'], ['a\tb'], ['é'], [['a', 'b']]])(
    'is not told by a header that could not stand in a log line: %j',
    (header) => {
      expect(idsOf({ ...withHeader(header), id: 'req-1' })).toEqual(['req-1', undefined]);
    },
  );

  it('is a new id where the platform gives none, and the same in every event of the request', () => {
    const [one, other] = [{ headers: {} }, { headers: {} }];
    expect(requestInfoOf(one).requestId).toMatch(/^[\da-f-]{36}$/);
    expect(requestInfoOf(one).requestId).toBe(requestInfoOf(one).requestId);
    expect(requestInfoOf(one).requestId).not.toBe(requestInfoOf(other).requestId);
  });

  it('comes with the device, bounded as in the session list', () => {
    const request = { headers: { 'user-agent': 'x'.repeat(999) }, ip: '::1' };
    expect(requestInfoOf(request, 'Phone').device).toEqual({ name: 'Phone', ip: '::1', userAgent: 'x'.repeat(256) });
  });

  it('comes with who asks, where the guard has let somebody in, and with nobody where a host means another by user', () => {
    expect(requestInfoOf({ headers: {}, ...{ user: { sub: 'ann' } } }).by).toBe('ann');
    for (const user of [undefined, null, 'ann', {}, { sub: 7 }]) {
      expect(requestInfoOf({ headers: {}, ...{ user } }).by).toBeUndefined();
    }
  });
});
