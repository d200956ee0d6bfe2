import { describe, expect, it } from 'vitest';
import { nextWord, wordsOf } from '../../../../lib/apache/directives/words.js';

describe('wordsOf', () => {
  it.each([
    ['blanks', ' a \t b\u000b c ', ['a', 'b', 'c']],
    ['double quotes', '"a b" c', ['a b', 'c']],
    ['single quotes', "'a b' c", ['a b', 'c']],
    ['the other quote inside', `"a'b" 'c"d'`, ["a'b", 'c"d']],
    ['an escaped quote', String.raw`"a\"b" 'c\'d'`, ['a"b', "c'd"]],
    ['an escaped backslash', String.raw`"a\\" b\\c`, ['a\\', 'b\\c']],
    [
      'a backslash before anything else',
      String.raw`"a\b" c\d "e\'f"`,
      [String.raw`a\b`, String.raw`c\d`, String.raw`e\'f`],
    ],
    ['a quote inside a bare word', 'a"b c"d', ['a"b', 'c"d']],
    ['a word at once behind a quote', '"a b"c', ['a b', 'c']],
    ['an empty word', '"" a', ['', 'a']],
    ['nothing', '  ', []],
  ])('%s', (_, text, words) => {
    expect(wordsOf(text)).toEqual({ words, closed: true });
  });

  it('takes the rest of the line behind a quote that is not closed, and says so', () => {
    expect(wordsOf('a "b c')).toEqual({ words: ['a', 'b c'], closed: false });
    expect(wordsOf(String.raw`"a\"`)).toEqual({ words: ['a"'], closed: false });
  });
});

it('nextWord leaves what follows as it stands', () => {
  expect(nextWord(' SessionCookieName "a"  b ')).toEqual({
    word: 'SessionCookieName',
    rest: '"a"  b ',
    closed: true,
  });
  expect(nextWord(' \t')).toBeUndefined();
});
