import { beforeAll, describe, expect, it } from 'vitest';
import { makeVectors } from '../../lib/cli/vectors/make-vectors.js';
import type { ContextVector, Vectors } from '../../lib/cli/vectors/vectors.interface.js';
import * as independent from './independent.js';
import type { Context, Key, Payload } from './independent.js';

// `session-crypto vectors`, made and opened by the implementation that knows docs/wire-format.md alone.

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytes = (text: string) => Buffer.from(text, 'hex');
const contextOf = (context: ContextVector): Context => ({ ...context, rowKey: bytes(context.rowKey) });

let vectors: Vectors;
let keys: Key[];
beforeAll(async () => {
  vectors = JSON.parse(JSON.stringify(await makeVectors())) as Vectors;
  keys = vectors.keys.map((key) => ({ bytes: bytes(key.bytes), ring: key.ring }));
});

describe('session-crypto vectors, in the independent implementation', () => {
  it('have the same subkeys and hints', () => {
    for (const [i, { subkeys, hint }] of vectors.keys.entries()) {
      expect(hex(independent.hint(keys[i]!))).toBe(hint);
      for (const [use, value] of Object.entries(subkeys))
        expect(hex(independent.subkey(keys[i]!, use, value.length / 2))).toBe(value);
    }
  });

  it('have the same input keys of passphrases', () => {
    for (const { passphrase, ring, salt, inputKey } of vectors.passphrases)
      expect(hex(independent.stretch(passphrase, ring, salt))).toBe(inputKey);
  });

  it('have the same frames', () => {
    for (const one of vectors.frames) {
      const frame = {
        id: bytes(one.id),
        created: one.idIssuedAt,
        issued: one.lastSeenAt,
        deadline: one.deadline,
        idle: one.idleTimeout,
        authenticated: one.authenticatedAt,
        generation: one.generation,
      };
      const payload = JSON.parse(one.payload) as Payload;
      expect(hex(independent.encodeSession(frame, payload))).toBe(one.plaintext);
      const opened = independent.decodeSession(bytes(one.plaintext));
      expect(opened.frame).toEqual({ ...frame, id: bytes(one.id) });
    }
  });

  it('have an envelope of each suite, key and kind of context, which both make and open', () => {
    expect(vectors.envelopes).toHaveLength(2 * 3 * 4);
    for (const one of [...vectors.envelopes, ...vectors.pointers]) {
      const context = contextOf(one.context);
      const made = independent.sealEnvelope(
        keys[one.key]!,
        one.version,
        bytes(one.plaintext),
        context,
        bytes(one.epoch),
        bytes(one.nonce),
      );
      expect(hex(made)).toBe(one.sealed);
      expect(independent.toText(made)).toBe(one.text);
      expect(hex(made.subarray(29, 61))).toBe(one.commitment);
      expect(hex(independent.openEnvelope(keys, [one.version], made, context))).toBe(one.plaintext);
    }
  });

  it('have references that both make and read', () => {
    for (const { key, context, token, rowKey, text } of vectors.references) {
      const made = independent.makeReference(keys[key]!, bytes(token), contextOf(context));
      expect(independent.toText(made)).toBe(text);
      expect(hex(independent.readReference(keys, text, contextOf(context)))).toBe(token);
      expect(hex(independent.rowKeyOf(bytes(token)))).toBe(rowKey);
    }
  });

  it('have pointers that both lay out', () => {
    for (const { token, movedAt, subject, plaintext } of vectors.pointers)
      expect(hex(independent.encodePointer({ token: bytes(token), movedAt, subject }))).toBe(plaintext);
  });

  it('have CSRF tokens that both make', () => {
    for (const { key, seed, time, nonce, text } of vectors.csrfTokens)
      expect(independent.makeCsrf(keys[key]!, seed, time, bytes(nonce))).toBe(text);
  });

  it('have values that nobody opens', () => {
    expect(vectors.refused.length).toBeGreaterThan(10);
    for (const { what, kind, context, text } of vectors.refused) {
      const open = () =>
        kind === 'envelope'
          ? independent.openEnvelope(keys, [0x11, 0x12, 0x13], independent.fromText(text), contextOf(context))
          : independent.readReference(keys, text, contextOf(context));
      expect(open, what).toThrow();
    }
  });

  it('are the same at every call', async () => {
    expect(JSON.parse(JSON.stringify(await makeVectors()))).toEqual(vectors);
  });
});
