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
    { what: 'a passphrase in quotes', text: '"fourteen bytes"' },
    { what: 'a prefix inside a text', text: 'a file: of some length' },
    { what: 'a base64 text that begins like a path', text: '/runs/abcd/efgh/ijkl' },
    { what: 'a text that ends like a variable', text: 'a ${VARIABLE} of a text' },
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

  it.each(['pkcs11:token=app;object=sessions-2026', '"label=sessions-2026"', " 'id=0a1b2c3d4e5f6071'"])(
    'is refused: the name of a key in a token, as other programs write it: %s',
    (text) => expect(readSecret(Buffer.from(text))).toMatch(/^looks like the name of a key in a token/),
  );

  it.each(['"raw:AAAA"', "'hex:0011'", '\u201craw:AAAA\u201d'])('is refused: quotes around it', (text) => {
    expect(readSecret(Buffer.from(text))).toMatch(/^begins with a quote/);
  });

  it.each([
    { text: '"file:/run/secrets/session"', says: /^begins with a quote.* before "file:"/ },
    { text: "'exec:/usr/bin/print-secret'", says: /^begins with a quote.* before "exec:"/ },
    { text: ' "file:/run/secrets/session"', says: /^begins with a blank before "file:"/ },
    { text: '\u00a0file:/run/secrets/session', says: /^begins with a blank before "file:"/ },
    { text: '\tfile:/run/secrets/session', says: /^begins with a blank before "file:"/ },
    { text: ` hex:${HEX}`, says: /^begins with a blank before "hex:"/ },
    { text: 'File:/run/secrets/session', says: /^begins with "file:" in capital letters/ },
    { text: 'EXEC:/usr/bin/print-secret', says: /^begins with "exec:" in capital letters/ },
    { text: `HEX:${HEX}`, says: /^begins with "hex:" in capital letters/ },
    {
      text: 'file:/run/secrets/session',
      says: /^is a reference \("file:"\), which is read only as the text/,
    },
    {
      text: 'exec:/usr/bin/print-secret',
      says: /^is a reference \("exec:"\), which is read only as the text/,
    },
    { text: '/run/secrets/session', says: /^looks like the name of a file/ },
    { text: '"/var/run/secrets/session"', says: /^looks like the name of a file/ },
    { text: 'env:SESSION_SECRET', says: /^looks like the name of a variable/ },
    { text: '${SESSION_SECRET_2026}', says: /^looks like the name of a variable/ },
    { text: `\ufeffhex:${HEX}`, says: /^begins with a byte order mark/ },
    { text: '\ufeff# the keys of the shop', says: /^begins with a byte order mark/ },
  ])('is refused: $text, which only names or misspells it', ({ text, says }) => {
    const fault = readSecret(Buffer.from(text));
    expect(fault).toMatch(says);
    expect(fault).not.toMatch(/session"|print-secret|SESSION_SECRET|the shop|00010203/);
    expect(fault).toMatch(/\{ passphrase: … \} as the option if it is a passphrase$/);
    expect(readPassphrase(Buffer.from(text))).toMatchObject({ kind: 'passphrase' });
  });

  it('is refused: a text in UTF-16, as PowerShell writes it', () => {
    const text = Buffer.from(`\ufeffhex:${HEX}`, 'utf16le');
    expect(readSecret(text)).toMatch(/^begins with a byte order mark/);
    expect(readSecret(text.swap16())).toMatch(/^begins with a byte order mark/);
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
