import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { ConsoleLogger } from '@nestjs/common';
import type { AuthEvent } from './auth.events.js';
import { auditHash, AuditLine } from './audit-line.js';

const REUSED: AuthEvent = {
  type: 'token.reused',
  sub: 'ann@shop.example',
  sid: 'dMhHOxN_QG9MUpExPgrnIA',
  clientId: 'web',
  seq: 0,
  distance: 1,
  age: 31_000,
  requestId: 'r-1',
  ip: '203.0.113.7',
  userAgent: 'thief/1.0',
};

/** What Nest's own logger prints. */
function printed(line: AuditLine, json: boolean): string {
  const out = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    new ConsoleLogger({ json, colors: false }).warn(line, 'Audit');
    return out.mock.calls.map(([text]) => String(text)).join('');
  } finally {
    out.mockRestore();
  }
}

describe('an audit line', () => {
  it('tells what an operator looks for, with the subject as a hash', () => {
    expect({ ...new AuditLine(REUSED) }).toEqual({
      event: 'token.reused',
      sub_hash: auditHash('ann@shop.example'),
      sid: 'dMhHOxN_QG9MUpExPgrnIA',
      request_id: 'r-1',
      client_id: 'web',
      ip: '203.0.113.7',
      seq: 0,
      age_ms: 31_000,
      distance: 1,
    });
  });

  it('names a subject by 72 bits of SHA-256, so that anyone can compute it who looks for a user', () => {
    expect(auditHash('ann')).toBe(createHash('sha256').update('ann').digest('base64url').slice(0, 12));
  });

  it('has no field for what is not known', () => {
    const line = new AuditLine({ type: 'claims.changed', sub: 'ann', requestId: undefined });
    expect(Object.keys(line)).toEqual(['event', 'sub_hash']);
  });

  it('names who did it where that is somebody else', () => {
    const disabled = { type: 'claims.changed', sub: 'ann' } as const;
    expect({ ...new AuditLine({ ...disabled, by: 'root' }) }).toMatchObject({ by_hash: auditHash('root') });
    expect(new AuditLine({ ...disabled, by: 'ann' })).not.toHaveProperty('by_hash');
  });

  it('leaves out what the list of fields does not know, such as what a careless caller adds', () => {
    const careless = { ...REUSED, email: 'ann@shop.example', refreshToken: 'secret' };
    expect(JSON.stringify(new AuditLine(careless))).not.toMatch(/shop\.example|secret/);
  });

  it('has the fields of a host that the host has named, and no other', () => {
    const paid = { type: 'claims.changed', sub: 'ann', orderId: 'o-1', card: '4111' } as const;
    const line = new AuditLine(paid, { orderId: 'order_id' });
    expect({ ...line }).toEqual({ event: 'claims.changed', sub_hash: auditHash('ann'), order_id: 'o-1' });
  });

  it.each(['a\nERROR forged', '\u001b[2J', 'a\u2028b', '\u202etxt', '\u0085', '👩‍👩‍👧'])(
    'cannot be broken by %j',
    (sid) => {
      const line = new AuditLine({ type: 'session.ended', sub: 'ann', sid, reason: 'session_revoked', ip: sid });
      expect(inspect(line)).toMatch(/^[\x20-\x7e]+$/);
    },
  );

  it('does not grow with what a client sends', () => {
    const line = new AuditLine({ type: 'session.ended', sub: 'ann', sid: 'x'.repeat(9000), reason: 'session_revoked' });
    expect(JSON.stringify(line).length).toBeLessThan(200);
  });

  it('is one line of JSON for a logger that writes text, and data for one that writes JSON', () => {
    const [text, json] = [printed(new AuditLine(REUSED), false), printed(new AuditLine(REUSED), true)];
    expect(text.match(/\n/g)).toHaveLength(1);
    expect(JSON.parse(text.slice(text.indexOf('{')))).toMatchObject({ event: 'token.reused', ip: '203.0.113.7' });
    expect(JSON.parse(json)).toMatchObject({ context: 'Audit', message: { event: 'token.reused', distance: 1 } });
  });
});
