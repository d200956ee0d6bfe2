import { describe, expect, it } from 'vitest';
import { createSealer } from 'nestjs-session-crypto';
import { apache } from 'nestjs-session-crypto/apache';
import { keySource } from '../../../../lib/crypto/key-sources/key-source.js';
import type { KeySource, SecretOption } from '../../../../lib/crypto/key-source.interface.js';

const source = (option: unknown) => keySource('crypto.secrets[0]', option as SecretOption);

describe('{ key }', () => {
  it('is a reference with its path, and not a secret', async () => {
    const { reloads, read } = source({ key: 'label=sessions' }) as KeySource;
    expect(reloads).toBe(false);
    expect(await read()).toEqual([
      { kind: 'token', bytes: Buffer.from('label=sessions'), path: 'crypto.secrets[0].key' },
    ]);
  });

  it.each([
    { option: { key: '' }, says: /^\.key is an empty string; allowed is a reference to a key/ },
    { option: { key: 7 }, says: /^\.key is a number/ },
    { option: { key: 'label=a', label: 'a' }, says: /^has the unknown member "label"/ },
  ])('refuses $option', ({ option, says }) => {
    expect(source(option)).toMatch(says);
  });

  it('is refused at its own path by a driver that keeps no keys', async () => {
    await expect(createSealer({ secrets: [{ key: 'label=sessions' }] })).rejects.toThrow(
      /crypto\.secrets\[0\]\.key: names a key inside a token, but driver "openssl" keeps none; take crypto\.driver "pkcs11"/,
    );
  });

  it('is refused by the Apache format', () => {
    const [fault] = apache({ secrets: [{ key: 'label=sessions' }] }).check('crypto.format');
    expect(fault!.message).toMatch(/^is an object; allowed are text, bytes/);
  });
});
