import { describe, expect, it } from 'vitest';
import { after } from '../../../lib/crypto/index.js';

describe('after', () => {
  it('goes on in the same turn when the value is there', () => {
    expect(after(2, (value) => value + 1)).toBe(3);
  });

  it('goes on with what a promise gives', async () => {
    const later = after(Promise.resolve(2), (value) => value + 1);
    expect(later).toBeInstanceOf(Promise);
    expect(await later).toBe(3);
  });

  it('passes a rejection on', async () => {
    await expect(after(Promise.reject(new Error('no')), () => 1)).rejects.toThrow('no');
  });
});
