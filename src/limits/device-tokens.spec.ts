import { generateKeys } from '../index.js';
import { TestClock } from '../testing/index.js';
import { parseKeyRing } from '../tokens/key-ring.js';
import { DeviceTokens } from './device-tokens.js';

const owner = { sub: 'ann', generation: 7 };

function scene(jwks = generateKeys()) {
  const clock = new TestClock();
  const ring = parseKeyRing(jwks, 'ES256', ['access', 'refresh']);
  return { clock, ring, tokens: new DeviceTokens(ring, clock.authClock) };
}

describe('a device token', () => {
  it('names its device to its owner, and keeps the name when it is made anew', () => {
    const { tokens } = scene();
    const id = tokens.read(tokens.issue(owner), owner);
    expect(id).toMatch(/^[\w-]{22}$/);
    expect(tokens.read(tokens.issue(owner, id), owner)).toBe(id);
    expect(tokens.read(tokens.issue(owner), owner)).not.toBe(id);
  });

  it('is worth nothing for another account', () => {
    const { tokens } = scene();
    expect(tokens.read(tokens.issue(owner), { ...owner, sub: 'bob' })).toBeUndefined();
  });

  it('is void once the generation was raised: password change, reset, logout everywhere', () => {
    const { tokens } = scene();
    expect(tokens.read(tokens.issue(owner), { ...owner, generation: 8 })).toBeUndefined();
  });

  it('lives for 180 days', () => {
    const { clock, tokens } = scene();
    const token = tokens.issue(owner);
    clock.advance('179d');
    expect(tokens.read(token, owner)).toBeDefined();
    clock.advance('1d');
    expect(tokens.read(token, owner)).toBeUndefined();
  });

  it('outlives a rotation of keys, and not the key that made it', () => {
    const old = generateKeys();
    const { ring, tokens } = scene(old);
    const token = tokens.issue(owner);
    const fresh = generateKeys();
    ring.replace({ keys: [...old.keys, ...fresh.keys] });
    expect(tokens.read(token, owner)).toBeDefined();
    ring.replace(fresh);
    expect(tokens.read(token, owner)).toBeUndefined();
  });

  it('can be made where there are no keys for refresh tokens', () => {
    const clock = new TestClock();
    const keys = generateKeys().keys.filter(({ purpose }) => purpose === 'access');
    const tokens = new DeviceTokens(parseKeyRing({ keys }, 'ES256', ['access']), clock.authClock);
    expect(tokens.read(tokens.issue(owner), owner)).toBeDefined();
  });

  it('is refused with any character changed, cut or added, and never throws', () => {
    const { tokens } = scene();
    const token = tokens.issue(owner);
    const changed = [...token].map(
      (_, at) => `${token.slice(0, at)}${token[at] === 'x' ? 'y' : 'x'}${token.slice(at + 1)}`,
    );
    const others = ['', '.', 'a.b', 'a.b.c', `${token}.`, `${token}=`, token.slice(1), 'x'.repeat(9_000), '\ud800'];
    const forged = [...changed, ...others];
    expect(forged.filter((text) => tokens.read(text, owner) !== undefined)).toEqual([]);
    expect(scene().tokens.read(token, owner)).toBeUndefined();
  });
});
