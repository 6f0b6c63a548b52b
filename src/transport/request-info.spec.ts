import type { IncomingRequest } from './request-context.js';
import { deviceOf, requestInfoOf } from './request-info.js';

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
    const byOf = (user: unknown) => requestInfoOf(Object.assign({ headers: {} }, { user })).by;
    expect(byOf({ sub: 'ann' })).toBe('ann');
    for (const user of [undefined, null, 'ann', {}, { sub: 7 }]) {
      expect(byOf(user)).toBeUndefined();
    }
  });
});

const requestFrom = (userAgent?: string | string[], ip?: string) => ({ headers: { 'user-agent': userAgent }, ip });

describe('the device of a request', () => {
  it('is its user agent, its address, and the name it gives itself', () => {
    expect(deviceOf(requestFrom('Mozilla/5.0', '2001:db8::1'), "Ann's phone 📱")).toEqual({
      name: "Ann's phone 📱",
      userAgent: 'Mozilla/5.0',
      ip: '2001:db8::1',
    });
  });

  it.each([
    'unknown',
    '_hidden',
    '192.0.2.77:',
    '192.0.2.77:471100',
    '[192.0.2.77',
    '[]:80',
    ':80',
    "' or 1=1",
    '9'.repeat(100),
    '1.2.3',
    ' 192.0.2.77',
    '',
  ])('has no address where a proxy passed on %j, which is none', (ip) => {
    expect(deviceOf(requestFrom('Mozilla/5.0', ip)).ip).toBeUndefined();
  });

  it.each([
    ['192.0.2.77:4711', '192.0.2.77'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['[::ffff:192.0.2.77]:443', '::ffff:192.0.2.77'],
    ['2001:db8::1:443', '2001:db8::1:443'],
  ])('has an address without the port that a proxy wrote behind it: %s', (ip, address) => {
    expect(deviceOf(requestFrom('Mozilla/5.0', ip)).ip).toBe(address);
  });

  it('has an address without its zone, which names a network card of this machine', () => {
    expect(deviceOf(requestFrom('Mozilla/5.0', 'fe80::1%eth0')).ip).toBe('fe80::1');
  });

  it('is nothing where nothing was told', () => {
    expect(deviceOf(requestFrom())).toEqual({});
    expect(deviceOf(requestFrom('', ''), ' \t\n')).toEqual({});
  });

  it('is bounded, because a session must not grow by what a stranger sends', () => {
    const { name, userAgent } = deviceOf(requestFrom('u'.repeat(100_000)), 'n'.repeat(10_000));
    expect([name?.length, userAgent?.length]).toEqual([64, 256]);
  });

  it.each(['\r\n', '\n', '\0', '\u001b', '\u007f', '\u0085', '\u2028', '\u2029'])(
    'keeps no %j, which would start a line of its own in a log',
    (control) => {
      expect(deviceOf(requestFrom(`a${control}b`), `a${control}b`)).toEqual({
        name: `a${' '.repeat(control.length)}b`,
        userAgent: `a${' '.repeat(control.length)}b`,
      });
    },
  );

  it('is well-formed also where a long name is cut in the middle of a character', () => {
    const { name } = deviceOf(requestFrom(), `${'n'.repeat(63)}📱`);
    expect(name?.isWellFormed()).toBe(true);
    expect(deviceOf(requestFrom(), '\ud800').name?.isWellFormed()).toBe(true);
  });

  it.each([[7], [{}], [['a']], [null]])('leaves out %j, since a body may bring anything as a name', (name) => {
    expect(deviceOf(requestFrom(['one', 'two']), name as unknown as string)).toEqual({});
  });
});

it('has the traceparent of a request, and nothing that only looks like one', () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const given = (value: string) => requestInfoOf({ headers: { traceparent: value } }).traceparent;
  expect(given(traceparent)).toBe(traceparent);
  expect(given(`${traceparent}\n{"event":"token.reused"}`)).toBeUndefined();
});
