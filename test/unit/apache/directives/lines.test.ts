import { describe, expect, it } from 'vitest';
import { logicalLines, MAX_LINE } from '../../../../lib/apache/directives/lines.js';

const read = (text: string) => [...logicalLines(text)].map(({ line, text }) => [line, text]);

describe('logicalLines', () => {
  it('takes blanks away at both ends, CR among them', () => {
    expect(read(' \tSession On \r\n\vSessionEnv Off')).toEqual([
      [1, 'Session On'],
      [2, 'SessionEnv Off'],
    ]);
  });

  it.each([
    ['LF', 'a\\\nb', 'ab'],
    ['CR LF', 'a\\\r\nb', 'ab'],
    ['two in a row', 'a\\\nb\\\nc', 'abc'],
    ['a comment', '# a\\\nb', '# ab'],
    ['two backslashes, of which one stays', 'a\\\\\nb', 'a\\b'],
  ])('joins lines that end in a backslash: %s', (_, text, joined) => {
    expect(read(`${text}\nnext`)[0]).toEqual([1, joined]);
  });

  it('numbers a line by where it begins', () => {
    expect(read('a\\\nb\\\nc\n\nd')).toEqual([
      [1, 'abc'],
      [4, ''],
      [5, 'd'],
    ]);
  });

  it('joins once more where joining leaves a backslash at the end, as httpd does', () => {
    expect(read('a\\\\\n\nb')).toEqual([[1, 'ab']]);
  });

  it('leaves a backslash at the end of the text', () => {
    expect(read('a\\')).toEqual([[1, 'a\\']]);
    expect(read('a\\\n')).toEqual([[1, 'a']]);
  });

  it('keeps a no-break space, which is no blank to httpd', () => {
    expect(read('\u00a0a')).toEqual([[1, '\u00a0a']]);
  });

  it('says which line is too long, however it was joined', () => {
    const longest = 'x'.repeat(MAX_LINE);
    const lengths = [longest, `${longest}x`, `${longest}\\\nx`, `a\\\n${longest}`].map((text) =>
      [...logicalLines(`${text}\nnext`)].map(({ tooLong }) => tooLong),
    );
    expect(lengths).toEqual([
      [false, false],
      [true, false],
      [true, false],
      [true, false],
    ]);
  });
});
