import { describe, expect, it } from 'vitest';
import { keySource } from '../../../../lib/crypto/key-sources/key-source.js';
import type { KeySource, SecretOption } from '../../../../lib/crypto/key-source.interface.js';
import { countingBytes } from '../rings.js';

const source = (option: unknown) => keySource('crypto.secrets[0]', option as SecretOption);
const PASS = 'a passphrase of an option';
const HEX = countingBytes().toString('hex');

describe('keySource', () => {
  it.each([
    { what: 'a passphrase', option: PASS, kind: 'passphrase' },
    { what: '{ passphrase } as text', option: { passphrase: PASS }, kind: 'passphrase' },
    { what: '{ passphrase } as bytes', option: { passphrase: Buffer.from(PASS) }, kind: 'passphrase' },
    {
      what: '{ passphrase } that looks like a key',
      option: { passphrase: `hex:${HEX}` },
      kind: 'passphrase',
    },
    { what: 'hex:', option: `hex:${HEX}`, kind: 'raw' },
    { what: 'raw:', option: `raw:${countingBytes().toString('base64url')}`, kind: 'raw' },
    { what: 'a Buffer', option: countingBytes(), kind: 'raw' },
    { what: 'a Uint8Array', option: Uint8Array.from({ length: 32 }, (_, i) => i), kind: 'raw' },
  ])('reads $what as a literal, into new buffers each time', async ({ option, kind }) => {
    const literal = source(option) as KeySource;
    const [first] = await literal.read();
    const [again] = await literal.read();
    expect(literal).toMatchObject({ reloads: false, path: 'crypto.secrets[0]' });
    expect(first).toMatchObject({ kind });
    expect(again).toEqual(first);
    first!.bytes.fill(1);
    expect(again).not.toEqual(first);
  });

  it.each([
    { what: '{ exec }', option: { exec: ['/bin/echo', PASS] } },
    { what: 'exec:', option: `exec:/bin/echo "${PASS}"` },
    { what: 'a function', option: () => PASS },
  ])('reads $what again at each reload', async ({ option }) => {
    const found = source(option) as KeySource;
    expect(found.reloads).toBe(true);
    expect(await found.read()).toEqual([{ kind: 'passphrase', bytes: Buffer.from(PASS) }]);
  });

  it.each([{ option: { file: '/nowhere/keys' } }, { option: 'file:/nowhere/keys' }])(
    'names the file to watch of $option',
    ({ option }) => {
      expect(source(option)).toMatchObject({ reloads: true, file: '/nowhere/keys' });
    },
  );

  it.each([
    { what: 'undefined', option: undefined, says: /^is undefined; is the environment variable set/ },
    { what: 'null', option: null, says: /^is null; allowed are/ },
    { what: 'a number', option: 42, says: /^is a number; allowed are/ },
    { what: 'an empty object', option: {}, says: /^is an object; allowed are/ },
    { what: 'an empty text', option: '', says: /^is empty/ },
    { what: 'too short a passphrase', option: 'sh0rt', says: /^is a passphrase of 5 bytes/ },
    {
      what: 'too short a { passphrase }',
      option: { passphrase: 'sh0rt' },
      says: /^is a passphrase of 5 bytes/,
    },
    {
      what: '{ passphrase } of nothing',
      option: { passphrase: undefined },
      says: /^\.passphrase is undefined/,
    },
    { what: 'a Buffer of 16 bytes', option: Buffer.alloc(16), says: /^is a key of 16 bytes/ },
    { what: 'exec: without a program', option: 'exec:', says: /^\.exec is an empty array/ },
    {
      what: 'a zero byte in a word',
      option: { exec: ['/bin/echo', 'a\0b'] },
      says: /^\.exec holds a zero byte/,
    },
    { what: '{ exec } as text', option: { exec: '/bin/echo sh0rt' }, says: /^\.exec is a string/ },
    { what: '{ exec } with a number', option: { exec: ['/bin/echo', 5] }, says: /^\.exec is an array/ },
    {
      what: 'a reference in quotes',
      option: '"file:/run/secrets/sh0rt"',
      says: /^begins with a quote.* before "file:"/,
    },
    { what: 'file: without a name', option: 'file:', says: /^\.file is an empty string/ },
    { what: '{ file } of nothing', option: { file: undefined }, says: /^\.file is undefined/ },
  ])('names the fault of $what', ({ option, says }) => {
    expect(source(option)).toMatch(says);
    expect(source(option)).not.toMatch(/sh0rt/);
  });
});
