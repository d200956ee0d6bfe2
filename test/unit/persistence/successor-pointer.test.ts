import { describe, expect, it } from 'vitest';
import { decodePointer, encodePointer } from '../../../lib/persistence/successor-pointer.js';

const token = Buffer.alloc(32, 7);

describe('the pointer to a successor', () => {
  it('is token, moment and subject, in this order', () => {
    const bytes = encodePointer({ token, movedAt: 0x01020304, subject: 'ä' });
    expect(bytes.toString('hex')).toBe(`${'07'.repeat(32)}01020304c3a4`);
  });

  it.each(['user-42', 'äöü', undefined])('is read back with the subject %s', (subject) => {
    const pointer = { token, movedAt: 1_800_000_000, subject };
    expect(decodePointer(encodePointer(pointer))).toEqual(pointer);
  });

  it('is none where a byte of its fixed part is missing', () => {
    const bytes = encodePointer({ token, movedAt: 1, subject: undefined });
    expect(decodePointer(bytes.subarray(0, 35))).toBeUndefined();
    expect(decodePointer(Buffer.alloc(0))).toBeUndefined();
  });
});
