import { describe, expect, it } from 'vitest';
import { hintIn, hintInText, hintsOf, hintText } from '../../../lib/crypto/key-hint.js';

const BYTES = Buffer.from('810102030405', 'hex');

describe('the hint of a key', () => {
  it('is eight hexadecimal digits', () => {
    expect(hintText(0xab)).toBe('000000ab');
    expect(hintsOf([{ hint: 0xffffffff }, { csrf: 1 }, undefined])).toEqual(['ffffffff']);
  });

  it('is read from refused bytes and texts, hexadecimal digits only, if the refusal came after it', () => {
    for (const reason of ['unknown-key', 'commitment', 'tag'] as const) {
      expect(hintIn(BYTES, reason)).toBe('01020304');
      expect(hintInText(BYTES.toString('base64url') + 'more', reason)).toBe('01020304');
    }
    for (const reason of ['length', 'encoding', 'version', 'frame', 'payload', 'expired', 'absent'] as const)
      expect(hintIn(BYTES, reason)).toBeUndefined();
    expect(hintIn(BYTES.subarray(0, 4), 'tag')).toBeUndefined();
    for (const text of ['\u001b[31mred', '<b>aaaaaaaa</b>', '', 'é'.repeat(9)])
      expect(String(hintInText(text, 'tag'))).toMatch(/^(?:undefined|[0-9a-f]{8})$/);
  });
});
