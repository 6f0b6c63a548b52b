import { formatTraceparent, readTraceparent } from './auth.traceparent.js';

const [TRACE, SPAN] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];

/** W3C Trace Context, sections 3.2.2 and 4. */
it.each([
  ['a request that is recorded', `00-${TRACE}-${SPAN}-01`, 1],
  ['one that is not', `00-${TRACE}-${SPAN}-00`, 0],
  ['flags of a later version', `00-${TRACE}-${SPAN}-ff`, 255],
  ['a later version', `cc-${TRACE}-${SPAN}-01`, 1],
  ['a later version that says more', `cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`, 1],
])('reads %s', (_, header, traceFlags) => {
  expect(readTraceparent(header)).toEqual({ traceId: TRACE, spanId: SPAN, traceFlags });
});

it.each([
  ['nothing', undefined],
  ['a list', [`00-${TRACE}-${SPAN}-01`]],
  ['two that a server has joined', `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
  ['upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
  ['the version that is none', `ff-${TRACE}-${SPAN}-01`],
  ['no trace', `00-${'0'.repeat(32)}-${SPAN}-01`],
  ['no span', `00-${TRACE}-${'0'.repeat(16)}-01`],
  ['a trace that is too short', `00-${TRACE.slice(1)}-${SPAN}-01`],
  ['more than version 00 has', `00-${TRACE}-${SPAN}-01-x`],
  ['more that is not set apart', `cc-${TRACE}-${SPAN}-01x`],
  ['blanks', ` 00-${TRACE}-${SPAN}-01`],
  ['a line break behind', `00-${TRACE}-${SPAN}-01\n`],
  ['a megabyte', `cc-${TRACE}-${SPAN}-01-${'x'.repeat(1_000_000)}`],
])('ignores %s', (_, header) => {
  expect(readTraceparent(header)).toBeUndefined();
});

it('writes what it has read, in the version that it knows', () => {
  expect(formatTraceparent(readTraceparent(`cc-${TRACE}-${SPAN}-05-more`)!)).toBe(`00-${TRACE}-${SPAN}-05`);
});
