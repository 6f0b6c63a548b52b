import { LateMembers } from './late-members.js';

const LATE = new LateMembers<{ device: string; claims: readonly string[] }>(['device', 'claims']);

describe('members that are read late', () => {
  it('are read once, at the first that is asked for', () => {
    const read = jest.fn(() => ({ device: 'phone', claims: ['admin'] }));
    const session = LATE.onto({ sid: 'a' }, read);
    expect(session.sid).toBe('a');
    expect(read).not.toHaveBeenCalled();
    expect([session.device, session.claims, session.device]).toEqual(['phone', ['admin'], 'phone']);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('are copied, compared and written like all others', () => {
    const session = LATE.onto({ sid: 'a' }, () => ({ device: 'phone', claims: [] }));
    const plain = { sid: 'a', device: 'phone', claims: [] };
    expect({ ...session }).toStrictEqual(plain);
    expect(JSON.parse(JSON.stringify(session))).toEqual(plain);
    expect(Object.keys(session)).toEqual(Object.keys(plain));
  });

  it('are those of their own object', () => {
    const [one, other] = ['phone', 'tablet'].map((device) => LATE.onto({}, () => ({ device, claims: [] })));
    expect([one!.device, other!.device]).toEqual(['phone', 'tablet']);
  });
});
