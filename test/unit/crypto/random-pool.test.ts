import { describe, expect, it } from 'vitest';
import { fillRandom, randomPoolBytes } from '../../../lib/crypto/random-pool.js';

describe('randomPoolBytes', () => {
  it('returns the requested length', () => {
    for (const length of [0, 1, 16, 24, 32, 8191, 8192]) expect(randomPoolBytes(length)).toHaveLength(length);
  });

  it('never returns the same 16 bytes twice, over many refills', () => {
    const seen = new Set(Array.from({ length: 20_000 }, () => randomPoolBytes(16).toString('latin1')));
    expect(seen.size).toBe(20_000);
  });

  it("returns bytes outside Node's shared pool", () => {
    const bytes = randomPoolBytes(16);
    expect(bytes.buffer.byteLength).toBe(16);
  });

  it('writes into a part of a buffer and leaves the rest alone', () => {
    const bytes = Buffer.alloc(48);
    fillRandom(bytes, 16, 16);
    expect(bytes.subarray(0, 16)).toEqual(Buffer.alloc(16));
    expect(bytes.subarray(32)).toEqual(Buffer.alloc(16));
    expect(bytes.subarray(16, 32)).not.toEqual(Buffer.alloc(16));
  });

  it('uses every bit', () => {
    const all = Buffer.alloc(16);
    const none = Buffer.alloc(16, 0xff);
    for (let i = 0; i < 200; i++)
      randomPoolBytes(16).forEach((byte, at) => {
        all[at]! |= byte;
        none[at]! &= byte;
      });
    expect(all).toEqual(Buffer.alloc(16, 0xff));
    expect(none).toEqual(Buffer.alloc(16));
  });
});
