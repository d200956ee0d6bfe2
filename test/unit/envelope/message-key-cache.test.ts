import { describe, expect, it } from 'vitest';
import { MessageKeyCache } from '../../../lib/envelope/message-key-cache.js';
import type { MessageKey } from '../../../lib/envelope/message-key.js';

const key = (fill: number): MessageKey => ({
  key: {},
  nonce: Buffer.alloc(12, fill),
  commitment: Buffer.alloc(32, fill),
});

function cacheOf(limit: number, ...names: string[]): MessageKeyCache {
  const cache = new MessageKeyCache(limit);
  cache.useGeneration(1);
  names.forEach((name, i) => cache.add(1, name, key(i)));
  return cache;
}

const has = (cache: MessageKeyCache, ...names: string[]) =>
  names.map((name) => cache.get(name) !== undefined);

describe('MessageKeyCache', () => {
  it('returns what was added', () => {
    expect(cacheOf(2, 'a').get('a')).toEqual(key(0));
    expect(cacheOf(2, 'a').get('b')).toBeUndefined();
  });

  it('removes the least recently used entry if it is full', () => {
    const cache = cacheOf(2, 'a', 'b');
    cache.get('a');
    cache.add(1, 'c', key(2));
    expect(has(cache, 'a', 'b', 'c')).toEqual([true, false, true]);
  });

  it('keeps nothing with a limit of 0', () => {
    expect(has(cacheOf(0, 'a'), 'a')).toEqual([false]);
  });

  it('forgets everything under another ring, and accepts nothing from the old one', () => {
    const cache = cacheOf(2, 'a');
    cache.useGeneration(2);
    expect(has(cache, 'a')).toEqual([false]);
    cache.add(1, 'late', key(1));
    expect(has(cache, 'late')).toEqual([false]);
  });

  it('keeps everything under the same ring', () => {
    const cache = cacheOf(2, 'a');
    cache.useGeneration(1);
    expect(has(cache, 'a')).toEqual([true]);
  });

  it('names entries by key, header, salt, context and row', () => {
    const [head, digest, row] = [Buffer.alloc(29, 1), 'digest', Buffer.alloc(32, 3)];
    const names = [
      MessageKeyCache.entryName(0, head, digest, row),
      MessageKeyCache.entryName(1, head, digest, row),
      MessageKeyCache.entryName(0, Buffer.alloc(29, 2), digest, row),
      MessageKeyCache.entryName(0, head, 'digesu', row),
      MessageKeyCache.entryName(0, head, digest, Buffer.alloc(32, 4)),
      MessageKeyCache.entryName(0, head, digest, Buffer.alloc(0)),
    ];
    expect(new Set(names).size).toBe(names.length);
    expect(MessageKeyCache.entryName(0, Buffer.from(head), digest, Buffer.from(row))).toBe(names[0]);
  });
});
