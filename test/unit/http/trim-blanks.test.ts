import { describe, expect, it } from 'vitest';
import { trimBlanks } from '../../../lib/http/trim-blanks.js';

describe('trimBlanks', () => {
  it.each([
    ['', ''],
    [' \t ', ''],
    ['a', 'a'],
    ['\t a \tb ', 'a \tb'],
    ['\na\r', '\na\r'],
    ['\u00a0a\u2003', '\u00a0a\u2003'],
  ])('trims %j to %j', (text, trimmed) => {
    expect(trimBlanks(text)).toBe(trimmed);
  });

  it('takes linear time for a text full of spaces', { timeout: 5000 }, () => {
    const text = `a${' '.repeat(100_000)}b`;
    expect(trimBlanks(text)).toBe(text);
  });
});
