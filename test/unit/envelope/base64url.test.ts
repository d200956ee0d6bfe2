import fc from '../../support/property.js';
import { describe, expect, it } from 'vitest';
import { decodeBase64url, encodeBase64url } from '../../../lib/envelope/base64url.js';

describe('decodeBase64url', () => {
  it('returns the bytes that were encoded', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(decodeBase64url(encodeBase64url(Buffer.from(bytes)))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it.each([
    { what: 'padding', text: '-_8=' },
    { what: 'the other alphabet', text: '+/8' },
    { what: 'a blank', text: '-_ 8' },
    { what: 'a line end', text: '-_8\n' },
    { what: 'left-over bits', text: '-_9' },
    { what: 'a lone character', text: '-_8AB' },
    { what: 'a foreign character', text: '-_8%' },
    { what: 'a zero byte', text: '-_8\0' },
    { what: 'a character beyond ASCII', text: '-_8é' },
    { what: 'quotes around', text: '"-_8"' },
  ])('refuses $what', ({ text }) => {
    expect(decodeBase64url('-_8')).toEqual(Buffer.from('fbff', 'hex'));
    expect(decodeBase64url(text)).toBeUndefined();
  });

  it('accepts one spelling of each value', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12, unit: fc.constantFrom(...'ABab01-_+/= ') }), (text) => {
        const bytes = decodeBase64url(text);
        if (bytes) expect(encodeBase64url(bytes)).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });
});
