import { describe, expect, it } from 'vitest';
import { printable } from '../../../lib/errors/printable.js';

describe('a text that is printed', () => {
  it.each([
    ['a line break', 'a\nb'],
    ['a sequence that a terminal executes', 'a\u009bb'],
    ['a mark that turns the direction of writing', 'a\u202eb'],
    ['a line separator', 'a\u2028b'],
    ['half of a pair', 'a\ud800b'],
  ])('shows %s as a question mark', (_, text) => expect(printable(text)).toBe('a?b'));

  it('stays as it is in every script', () => {
    const text = 'Schlüssel “ключ” 鍵 🔑 … 1,204';
    expect(printable(text)).toBe(text);
  });
});
