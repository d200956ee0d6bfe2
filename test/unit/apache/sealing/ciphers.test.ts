import { describe, expect, it } from 'vitest';
import { findCipher, APACHE_CIPHERS, missingCipherFault } from '../../../../lib/apache/sealing/ciphers.js';

describe('findCipher', () => {
  it.each(['3des192', 'aes128', 'aes192', 'aes256'])('knows %s', (name) => {
    expect(findCipher(name)).toMatchObject({ name });
  });

  it.each(['aes512', 'AES256', 'rot13', '', 'aes-256-cbc', 'constructor'])(
    'lists all four for "%s"',
    (name) => {
      expect(findCipher(name)).toMatch(/is unknown; httpd has 3des192, aes128, aes192, aes256$/);
    },
  );
});

describe('a key', () => {
  it('seals as many blocks as NIST SP 800-67 allows 3DES, and AES more', () => {
    expect(APACHE_CIPHERS.map(({ name, blocksPerKey }) => [name, Math.log2(blocksPerKey)])).toEqual([
      ['3des192', 20],
      ['aes128', 40],
      ['aes192', 40],
      ['aes256', 40],
    ]);
  });
});

describe('missingCipherFault', () => {
  it.each([
    { there: ['aes128', 'aes256'], says: undefined },
    { there: ['aes128', 'aes192'], says: '"aes256" is unknown to driver "mine"; it has aes128, aes192' },
    {
      there: [],
      says: '"aes256" is unknown to driver "mine", which has no cipher of the Apache format; use crypto.driver "openssl" or another driver that has one',
    },
  ])('says $says of aes256 where there are $there', ({ there, says }) => {
    expect(missingCipherFault({ name: 'mine' }, there, 'aes256')).toBe(says);
  });
});
