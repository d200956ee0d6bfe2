import { describe, expect, it } from 'vitest';
import { readPassphrase, readRaw, readSecret, secretBytes } from '../../../lib/crypto/secret.js';
import { countingBytes } from './rings.js';

const HEX = countingBytes().toString('hex');
const BASE64URL = countingBytes().toString('base64url');

describe('readSecret', () => {
  it.each([
    { what: 'hex:', text: `hex:${HEX}` },
    { what: 'hex: in capitals', text: `hex:${HEX.toUpperCase()}` },
    { what: 'raw:', text: `raw:${BASE64URL}` },
    { what: 'raw: with padding', text: `raw:${BASE64URL}=` },
  ])('reads 32 key bytes after $what', ({ text }) => {
    expect(readSecret(Buffer.from(text))).toEqual({ kind: 'raw', bytes: countingBytes() });
  });

  it.each([
    { what: 'any other text', text: 'sixteen bytes ok' },
    { what: 'a text in UTF-8', text: 'schlüssel-ähnlich' },
    { what: 'blanks at its ends', text: ' fourteen bytes ' },
    { what: 'a text like HEX:', text: `HEX:${HEX}` },
  ])('reads $what as a passphrase, unchanged', ({ text }) => {
    expect(readSecret(Buffer.from(text))).toEqual({ kind: 'passphrase', bytes: Buffer.from(text) });
  });

  it.each([
    { text: '', says: /is empty/ },
    { text: 'fifteen bytes!!', says: /passphrase of 15 bytes; at least 16/ },
    { text: `hex:${HEX.slice(2)}`, says: /not 32 bytes in hex/ },
    { text: `hex:${HEX}00`, says: /not 32 bytes in hex/ },
    { text: `hex:${HEX.slice(1)}g`, says: /not 32 bytes in hex/ },
    { text: 'hex:', says: /not 32 bytes in hex/ },
    { text: `raw:${BASE64URL}A`, says: /not 32 bytes in base64url/ },
    { text: `raw:${BASE64URL.slice(1)}`, says: /not 32 bytes in base64url/ },
    { text: `raw:${BASE64URL.slice(1)}+`, says: /not 32 bytes in base64url/ },
    { text: `raw: ${BASE64URL}`, says: /not 32 bytes in base64url/ },
  ])('refuses "$text" without repeating it', ({ text, says }) => {
    const fault = readSecret(Buffer.from(text));
    expect(fault).toMatch(says);
    if (text.length > 4) expect(fault).not.toContain(text.slice(4));
  });

  it('returns a copy in a buffer of its own, which outlives the source', () => {
    const text = Buffer.from('a passphrase of some length');
    const secret = readSecret(text);
    text.fill(0);
    expect(secret).toMatchObject({ bytes: Buffer.from('a passphrase of some length') });
    expect((secret as { bytes: Buffer }).bytes.buffer.byteLength).toBe(27);
  });
});

describe('readPassphrase', () => {
  it('gives prefixes no meaning', () => {
    expect(readPassphrase(Buffer.from('hex:not at all hex'))).toMatchObject({ kind: 'passphrase' });
  });
});

describe('readRaw', () => {
  it.each([0, 16, 31, 33, 64])('refuses a key of %i bytes', (length) => {
    expect(readRaw(Buffer.alloc(length))).toMatch(new RegExp(`key of ${length} bytes; exactly 32`));
  });

  it('takes any Uint8Array, also a window on a larger one', () => {
    const window = new Uint8Array(
      Buffer.concat([Buffer.alloc(5), countingBytes(), Buffer.alloc(5)]).subarray(5, 37),
    );
    expect(readRaw(window)).toEqual({ kind: 'raw', bytes: countingBytes() });
  });
});

describe('secretBytes', () => {
  it('returns UTF-8 in a buffer of its own', () => {
    const bytes = secretBytes('grün');
    expect(bytes).toEqual(Buffer.from('grün'));
    expect(bytes.buffer.byteLength).toBe(5);
  });
});

describe('a secret that is surely a mistake', () => {
  it('is refused: 32 times one byte', () => {
    expect(readRaw(Buffer.alloc(32))).toMatch(/^is 32 times one byte/);
  });

  it.each([
    'label=sessions-2026',
    'Label=sessions-2026',
    'id=0a1b2c3d4e5f60718293',
    'key:label=sessions-2026',
  ])('is refused: the name of a key in a token, which others may know: %s', (text) => {
    expect(readSecret(Buffer.from(text))).toMatch(/^looks like the name of a key in a token/);
    expect(readPassphrase(Buffer.from(text))).toMatchObject({ kind: 'passphrase' });
  });

  it.each(['"raw:AAAA"', "'hex:0011'"])('is refused: quotes around it', (text) => {
    expect(readSecret(Buffer.from(text))).toMatch(/^begins with a quote/);
  });
});

describe('a secret with the line break of its file', () => {
  it.each(['a passphrase for a test\n', 'a passphrase for a test\r\n', `hex:${'11'.repeat(32)}\n`])(
    'is refused with what to write instead: %j',
    (text) => {
      const fault = readSecret(Buffer.from(text));
      expect(fault).toMatch(/ends with a line break.*\{ file: "name" \}.*trim\(\).*\{ passphrase \}/);
    },
  );
});
