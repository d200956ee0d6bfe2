import { describe, expect, it } from 'vitest';
import { allowsSharedCaches } from '../../../../lib/http/gate/shared-caches.js';

describe('allowsSharedCaches', () => {
  it.each([
    ['public, max-age=60', true],
    ['PUBLIC', true],
    ['max-age=60', true],
    ['s-maxage=60', true],
    ['no-cache', true],
    ['must-revalidate', true],
    ['private="set-cookie", max-age=60', true],
    ['private, public', true],
    ['', true],
    ['private', false],
    ['max-age=60 , Private', false],
    ['public, no-store', false],
    ['no-store', false],
  ])('%j: %s', (value, allowed) => {
    expect(allowsSharedCaches(value)).toBe(allowed);
  });
});
