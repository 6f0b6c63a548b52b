import { createHash } from 'node:crypto';

/** Chances that a seed repeats (sfc32). Each row draws from a stream of its own, so that it can be replayed alone. */
export class Chance {
  /** @param {number} seed @param {string} stream */
  constructor(seed, stream) {
    this.name = `${seed}/${stream}`;
    const bytes = createHash('sha256').update(this.name).digest();
    this.state = [0, 4, 8, 12].map((at) => bytes.readUInt32LE(at));
  }

  /** A stream of its own, for what runs beside others: who is first must not decide what the other does. */
  stream(name) {
    return new Chance(this.name, name);
  }

  /** From 0 up to, and without, 1. */
  next() {
    let [a, b, c, d] = this.state;
    const sum = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    this.state = [a, b, c, d];
    return (sum >>> 0) / 2 ** 32;
  }

  happens(probability) {
    return this.next() < probability;
  }

  /** A whole number, both ends included. */
  between(least, most) {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  of(list) {
    return list[this.between(0, list.length - 1)];
  }

  text() {
    return this.between(0, 2 ** 48).toString(36);
  }

  /** An Idempotency-Key: 24 characters, of which the service demands 22. */
  key() {
    return Array.from({ length: 3 }, () => this.text().padStart(8, '0').slice(-8)).join('');
  }
}
