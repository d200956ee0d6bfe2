import { describe, expect, it } from 'vitest';
import { sessionIdFromBytes } from '../../../../lib/php/shared/session-id.js';

describe('The id that PHP makes of bytes', () => {
  it('takes the lowest bits of the first byte first', () => {
    const bytes = Buffer.from('0123456789abcdef', 'hex');
    expect(sessionIdFromBytes(bytes, 4, 4)).toBe('1032');
    expect(sessionIdFromBytes(Buffer.from([0b00_111110, 0b1111_0000, 0b000001_11]), 4, 6)).toBe(',0-1');
  });

  it('needs at least as many bits as it has characters for', () => {
    expect(sessionIdFromBytes(Buffer.alloc(3), 4, 6)).toBe('0000');
    expect(() => sessionIdFromBytes(Buffer.alloc(2), 4, 6)).toThrow(RangeError);
  });
});
