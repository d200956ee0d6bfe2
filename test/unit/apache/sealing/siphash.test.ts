import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SipHashKey } from '../../../../lib/apache/sealing/siphash.js';

const counting = (length: number) => Buffer.from(Array.from({ length }, (_, i) => i));
const key = new SipHashKey(counting(16));

/** The reference in 64-bit arithmetic, as slow and as plain as the paper. */
function reference(keyBytes: Buffer, message: Buffer): Buffer {
  const word = (value: bigint) => BigInt.asUintN(64, value);
  const rotated = (value: bigint, by: bigint) => word((value << by) | (value >> (64n - by)));
  const [k0, k1] = [keyBytes.readBigUInt64LE(0), keyBytes.readBigUInt64LE(8)];
  let [a, b, c, d] = [0x736f6d6570736575n, 0x646f72616e646f6dn, 0x6c7967656e657261n, 0x7465646279746573n];
  [a, b, c, d] = [a ^ k0, b ^ k1, c ^ k0, d ^ k1];
  const round = () => {
    a = word(a + b);
    c = word(c + d);
    b = rotated(b, 13n) ^ a;
    d = rotated(d, 16n) ^ c;
    a = rotated(a, 32n);
    c = word(c + b);
    a = word(a + d);
    b = rotated(b, 17n) ^ c;
    d = rotated(d, 21n) ^ a;
    c = rotated(c, 32n);
  };
  const padded = Buffer.alloc(8 * (Math.floor(message.length / 8) + 1));
  message.copy(padded);
  padded[padded.length - 1] = message.length & 0xff;
  for (let at = 0; at < padded.length; at += 8) {
    const block = padded.readBigUInt64LE(at);
    d ^= block;
    round();
    round();
    a ^= block;
  }
  c ^= 0xffn;
  for (let i = 0; i < 4; i++) round();
  const tag = Buffer.alloc(8);
  tag.writeBigUInt64LE(a ^ b ^ c ^ d);
  return tag;
}

/** Bytes with every bit pattern in them, the same in every run. */
function mixed(length: number, seed: number): Buffer {
  let state = seed;
  return Buffer.from(
    Array.from({ length }, () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 24),
  );
}

describe('SipHashKey', () => {
  it('gives the answer of the paper, appendix A', () => {
    expect(key.tag(counting(15)).toString('hex')).toBe('e545be4961ca29a1');
  });

  it.each([
    { length: 0, tag: '310e0edd47db6f72' },
    { length: 1, tag: 'fd67dc93c539f874' },
    { length: 7, tag: '37d1018bf50002ab' },
    { length: 8, tag: '6224939a79f5f593' },
    { length: 63, tag: '724506eb4c328a95' },
  ])('gives the answer of the authors’ own table for $length bytes', ({ length, tag }) => {
    expect(key.tag(counting(length)).toString('hex')).toBe(tag);
  });

  it('agrees with 64-bit arithmetic at every length to 300 and beyond', () => {
    for (const length of [...Array.from({ length: 301 }, (_, i) => i), 511, 4096, 4099]) {
      const [secret, message] = [mixed(16, length + 1), mixed(length, length + 7)];
      expect(new SipHashKey(secret).tag(message)).toEqual(reference(secret, message));
    }
  });

  it('hashes from a start on', () => {
    expect(key.tag(Buffer.concat([Buffer.alloc(5, 0xff), counting(15)]), 5)).toEqual(key.tag(counting(15)));
  });

  it('verifies its own tag, and none with a bit changed', () => {
    const message = counting(20);
    const sealed = Buffer.concat([key.tag(message), message]);
    expect(key.verifies(sealed)).toBe(true);
    for (let bit = 0; bit < 8 * sealed.length; bit++) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(key.verifies(changed)).toBe(false);
    }
  });

  it('verifies nothing that is shorter than a tag', () => {
    expect(key.verifies(Buffer.alloc(7))).toBe(false);
  });

  it.each([0, 15, 17, 32])('takes no key of %i bytes', (length) => {
    expect(() => new SipHashKey(Buffer.alloc(length))).toThrow(RangeError);
  });

  it('shows nothing of its key', () => {
    expect([inspect(key, { showHidden: true, depth: 9 }), JSON.stringify(key)]).toEqual([
      'SipHashKey {}',
      '{}',
    ]);
  });
});
