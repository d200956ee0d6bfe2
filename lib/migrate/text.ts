import { createHmac, timingSafeEqual } from 'node:crypto';
import type { RejectReason } from '../errors/envelope.error.js';
import { parseJsonObject } from '../record/json-value.js';
import type { JsonObject } from '../record/session-data.interface.js';

/** Returns the value of a cookie that encodeURIComponent wrote; `undefined` if it is no such text. */
export function decodeValue(text: string): string | undefined {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Reports in constant time whether any of the keys made the signature: an HMAC in base64 without padding. */
export function isSigned(
  algorithm: string,
  keys: readonly Uint8Array[],
  text: string,
  signature: string,
  encoding: 'base64' | 'base64url',
): boolean {
  const given = Buffer.from(signature);
  let found = false;
  for (const key of keys) {
    const digest = createHmac(algorithm, key).update(text).digest(encoding).replaceAll('=', '');
    const expected = Buffer.from(digest);
    if (expected.length === given.length && timingSafeEqual(expected, given)) found = true;
  }
  return found;
}

/** Parses the JSON of a session, whose length is checked before. */
export function parseData(json: string, { payloadLimit }: { readonly payloadLimit: number }) {
  if (Buffer.byteLength(json) > payloadLimit) return 'length';
  return parseJsonObject(json) ?? 'payload';
}

/** Returns an object without some of its keys. */
export function without(data: JsonObject, ...keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(data).filter(([key]) => !keys.includes(key)));
}

export const isReason = (value: JsonObject | RejectReason): value is RejectReason =>
  typeof value === 'string';
