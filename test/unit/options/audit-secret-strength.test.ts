import { createHash } from 'node:crypto';
import fc from '../../support/property.js';
import { describe, expect, it } from 'vitest';
import { keyStrength, passphraseStrength } from '../../../lib/options/audit/secret-strength.js';

/** Returns bytes that look random and are the same at every run. */
const bytesOf = (seed: number, length: number) =>
  createHash('shake256', { outputLength: length }).update(String(seed)).digest();

describe('passphraseStrength', () => {
  it.each([
    'aaaaaaaaaaaaaaaaaaaaaaaa', 'abcdefghijklmnopqrstuvwxyz', '0123456789abcdef0123456789', 'ababababababababab',
    'changeme-changeme-changeme', 'keyboard cat keyboard cat', 'session-secret-change-me', 'password123456789', 'zyxwvutsrqponmlkji',
  ])('finds %s guessable', (text) => {
    expect(passphraseStrength(text)).toBe('guessable');
  }); // prettier-ignore

  it.each([
    'correct horse battery staple', 'CorrectHorseBatteryStaple42', 'a passphrase of the audit', 'MyCompanySessionKey2024!',
    'k9$Tr8!pQ', 'k9$Tr8!pQk9$Tr8!pQk9$Tr8!pQk9$Tr8!pQ', '2718281828459045235360287',
  ])('finds %s to be words, or too short', (text) => {
    expect(passphraseStrength(text)).toBe('words');
  }); // prettier-ignore

  it.each<[string, number, (seed: number) => string]>([
    ['openssl rand -hex 16', 95, (seed) => bytesOf(seed, 16).toString('hex')],
    ['openssl rand -hex 32', 99, (seed) => bytesOf(seed, 32).toString('hex')],
    ['openssl rand -base64 16', 90, (seed) => bytesOf(seed, 16).toString('base64')],
    ['openssl rand -base64 32', 97, (seed) => bytesOf(seed, 32).toString('base64')],
  ])('finds what %s prints random, nearly always (%i of 100)', (_command, least, make) => {
    const found = Array.from({ length: 1000 }, (_, seed) => passphraseStrength(make(seed)));
    expect(found.filter((one) => one === 'random').length).toBeGreaterThan(least * 10);
    expect(found).not.toContain('guessable');
  });

  it('finds a long sentence random', () => {
    expect(passphraseStrength('seven grey geese went over the bridge when nobody looked out of the mill window')).toBe('random');
  }); // prettier-ignore

  it('accepts every text', () => {
    const strengths = ['random', 'words', 'guessable'];
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => strengths.includes(passphraseStrength(text))),
    );
  });
});

describe('keyStrength', () => {
  it('finds 32 random bytes random', () => {
    for (let seed = 0; seed < 1000; seed++) expect(keyStrength(bytesOf(seed, 32))).toBe('random');
  });

  it.each([
    ['bytes that count', Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 'guessable'],
    ['bytes that begin again', Buffer.concat([bytesOf(1, 8), bytesOf(1, 8), bytesOf(1, 8), bytesOf(1, 8)]), 'guessable'],
    ['a text in the place of a key', Buffer.from('The Quick Brown Fox Jumps Over 9'), 'words'],
  ])('finds %s no key', (_what, bytes, strength) => {
    expect(keyStrength(bytes)).toBe(strength);
  }); // prettier-ignore
});
