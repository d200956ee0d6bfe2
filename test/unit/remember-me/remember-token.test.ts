import { describe, expect, it } from 'vitest';
import {
  decodeToken,
  encodeToken,
  hashOf,
  keyOf,
  nextToken,
  randomToken,
  TOKEN_LENGTH,
  wipe,
} from '../../../lib/remember-me/remember-token.js';

const SALT = Buffer.alloc(32, 7);
const token = { series: Buffer.alloc(16, 1), secret: Buffer.alloc(32, 2) };

describe('RememberToken', () => {
  it('is random, 16 and 32 bytes', () => {
    const [one, two] = [randomToken(), randomToken()];
    expect([one.series.length, one.secret.length]).toEqual([16, 32]);
    expect(one.series.equals(two.series) || one.secret.equals(two.secret)).toBe(false);
  });

  it('derives its successor, of the same series, from both its secret and the salt', () => {
    const next = nextToken(token, SALT);
    expect(next.secret.toString('hex')).toBe(
      '66e637ce977a21e30724c8423fe32e8191ef1ab4fa74495b6f6ad34d3040f599',
    );
    expect(next.series).toEqual(token.series);
    expect(nextToken(token, SALT)).toEqual(next);
    const others = [
      nextToken(token, Buffer.alloc(32, 8)),
      nextToken({ ...token, secret: Buffer.alloc(32, 3) }, SALT),
      nextToken({ ...token, series: Buffer.alloc(16, 3) }, SALT),
    ];
    for (const other of others) expect(other.secret).not.toEqual(next.secret);
  });

  it('has a key for its series and a hash for its secret', () => {
    expect(keyOf(token)).toHaveLength(32);
    expect(hashOf(token)).toHaveLength(32);
    expect(keyOf(token)).toEqual(keyOf(nextToken(token, SALT)));
    expect(hashOf(token)).not.toEqual(hashOf(nextToken(token, SALT)));
  });

  it('is decoded from its bytes, and from no other number of bytes', () => {
    expect(decodeToken(encodeToken(token))).toEqual(token);
    for (const length of [0, TOKEN_LENGTH - 1, TOKEN_LENGTH + 1])
      expect(decodeToken(Buffer.alloc(length))).toBeUndefined();
  });

  it('shares no memory with the bytes that it was decoded from', () => {
    const bytes = encodeToken(token);
    const decoded = decodeToken(bytes)!;
    bytes.fill(0);
    expect(decoded).toEqual(token);
    wipe(decoded);
    expect(decoded.secret).toEqual(Buffer.alloc(32));
  });
});
