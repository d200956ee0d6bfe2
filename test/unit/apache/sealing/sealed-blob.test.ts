import { describe, expect, it } from 'vitest';
import { decodeBlob, randomSalt } from '../../../../lib/apache/sealing/sealed-blob.js';

const hexOf = (text: string) => decodeBlob(text).toString('hex');

describe('decodeBlob', () => {
  it.each([
    { what: 'a padded text', text: 'AQID/+8=', hex: '010203ffef' },
    { what: 'one without its padding', text: 'AQID/+8', hex: '010203ffef' },
    { what: 'one with too much padding', text: 'AQID/+8====', hex: '010203ffef' },
    { what: 'nothing after padding in the middle', text: 'AQ==AQID', hex: '01' },
    { what: 'nothing after a blank', text: 'AQID AQID', hex: '010203' },
    { what: 'nothing after a line end', text: 'AQID\nAQID', hex: '010203' },
    { what: 'nothing after a percent sign', text: 'AQID%2FAQ', hex: '010203' },
    { what: 'nothing after a dash', text: 'AQID-_AQ', hex: '010203' },
    { what: 'nothing after an underscore', text: 'AQID_-AQ', hex: '010203' },
    { what: 'nothing in quotes', text: '"AQID"', hex: '' },
    { what: 'nothing after a character beyond ASCII', text: 'AQIDéAQ', hex: '010203' },
    { what: 'nothing after a zero', text: 'AQID\0AQID', hex: '010203' },
    { what: 'no left-over character', text: 'AQIDA', hex: '010203' },
    { what: 'left-over bits as none', text: 'AR==', hex: '01' },
    { what: 'nothing in nothing', text: '', hex: '' },
  ])('reads $what', ({ text, hex }) => {
    expect(hexOf(text)).toBe(hex);
  });
});

describe('randomSalt', () => {
  it('is 16 bytes of a version 4 UUID, new each time', () => {
    const salts = Array.from({ length: 50 }, randomSalt);
    for (const salt of salts) {
      expect(salt).toHaveLength(16);
      expect(salt[6]! >> 4).toBe(4);
      expect(salt[8]! >> 6).toBe(0b10);
    }
    expect(new Set(salts.map((salt) => salt.toString('hex'))).size).toBe(50);
  });
});
