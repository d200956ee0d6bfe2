import { describe, expect, it } from 'vitest';
import type { SecretCallback } from '../../../../lib/crypto/key-source.interface.js';
import { callbackSource } from '../../../../lib/crypto/key-sources/callback-source.js';
import { SessionConfigError } from '../../../../lib/errors/session-config.error.js';
import { SessionStoreError } from '../../../../lib/errors/session-store.error.js';
import { copyingRule, countingBytes } from '../rings.js';

const read = (callback: unknown) => callbackSource('crypto.secrets[0]', callback as SecretCallback).read();
const PASS = 'a passphrase of the vault';
const passphrase = { kind: 'passphrase', bytes: Buffer.from(PASS) };
const raw = { kind: 'raw', bytes: countingBytes() };

describe('callbackSource', () => {
  it.each([
    { what: 'a text', answer: PASS, secrets: [passphrase] },
    { what: 'a raw key as text', answer: `hex:${countingBytes().toString('hex')}`, secrets: [raw] },
    { what: 'bytes', answer: countingBytes(), secrets: [raw] },
    { what: 'a Uint8Array', answer: new Uint8Array(countingBytes()), secrets: [raw] },
    {
      what: 'one with its state',
      answer: { secret: PASS, state: 'retiring' },
      secrets: [{ ...passphrase, state: 'retiring' }],
    },
    { what: 'one without a state', answer: { secret: countingBytes() }, secrets: [raw] },
    {
      what: 'several',
      answer: [PASS, { secret: countingBytes(), state: 'revoked' }],
      secrets: [passphrase, { ...raw, state: 'revoked' }],
    },
  ])('reads $what, returned plainly or by promise', async ({ answer, secrets }) => {
    expect(await read(() => answer)).toEqual(secrets);
    expect(await read(async () => answer)).toEqual(secrets);
  });

  it("copies bytes, so that the application's own bytes are not wiped", async () => {
    const own = countingBytes();
    const [secret] = await read(() => own);
    secret!.bytes.fill(0);
    expect(own).toEqual(countingBytes());
  });

  it.each([
    { what: 'nothing', answer: undefined, says: /entry 0 of the callback's result is undefined/ },
    { what: 'a number', answer: 42, says: /entry 0 of the callback's result is a number/ },
    { what: 'an empty text', answer: '', says: /entry 0 of the callback's result is empty/ },
    {
      what: 'too short a text',
      answer: [PASS, 'sh0rt'],
      says: /entry 1 of the callback's result is a passphrase of 5 bytes/,
    },
    { what: 'too short a key', answer: countingBytes().subarray(1), says: /key of 31 bytes/ },
    {
      what: 'an unknown state',
      answer: { secret: PASS, state: 'old' },
      says: /unknown state; allowed are "retiring" and "revoked"/,
    },
    {
      what: 'the name of a file',
      answer: 'file:/run/secrets/vault',
      says: /entry 0 of the callback's result is a reference \("file:"\)/,
    },
    {
      what: 'the command of a program, with a state',
      answer: [PASS, { secret: 'exec:/usr/bin/vault read', state: 'retiring' }],
      says: /entry 1 of the callback's result is a reference \("exec:"\)/,
    },
    { what: 'an object without a secret', answer: { key: PASS }, says: /is an object; allowed are/ },
    { what: 'no secret at all', answer: [], says: /secret/ },
  ])('refuses $what without showing it', async ({ answer, says }) => {
    const error = await read(() => answer).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(SessionConfigError);
    expect((error as Error).message).toMatch(says);
    expect((error as Error).message).not.toMatch(/vault|sh0rt/);
  });

  it('leaves no copy of the entries before a wrong one', async () => {
    const { rule, copies } = copyingRule();
    const source = callbackSource('crypto.secrets[0]', () => [PASS, PASS, 'sh0rt'], rule);
    await expect(source.read()).rejects.toThrow(/entry 2/);
    expect(copies).toEqual([Buffer.alloc(PASS.length), Buffer.alloc(PASS.length)]);
  });

  it('shows only the code of a failure', async () => {
    const fail = () => Promise.reject(Object.assign(new Error(`no ${PASS}`), { code: 'EVAULT' }));
    await expect(read(fail)).rejects.toThrow(/the callback failed \(EVAULT\)$/);
    const throws = () => {
      throw new RangeError(PASS);
    };
    await expect(read(throws)).rejects.toThrow(/the callback failed \(RangeError\)$/);
  });

  it('passes on an error of this package', async () => {
    const ours = new SessionStoreError('load', 'timeout');
    await expect(read(() => Promise.reject(ours))).rejects.toBe(ours);
  });
});
