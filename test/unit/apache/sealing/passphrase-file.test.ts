import { describe, expect, it } from 'vitest';
import { parsePassphraseFile } from '../../../../lib/apache/sealing/passphrase-file.js';

function wordsOf(text: string): string[] {
  const words = parsePassphraseFile(Buffer.from(text));
  if (typeof words === 'string') throw new Error(words);
  return words.map(String);
}

describe('parsePassphraseFile', () => {
  it('reads the file that httpd 2.4.71 was given, as it did', () => {
    const file = String.raw`first-key second-key
  "third key with spaces"   'fourth \'key'   # c
fifth#hash
"#sixth"
seventh \
eighth
"exec:/bin/print filearg"
back\slash ${'${HOME}'} ninth
"" tenth
eleventh
`;
    expect(wordsOf(file)).toEqual([
      'first-key',
      'second-key',
      'third key with spaces',
      "fourth 'key",
      'fifth#hash',
      'seventh',
      'eighth',
      'exec:/bin/print filearg',
      'back\\slash',
      '${HOME}',
      'ninth',
      'eleventh',
    ]);
  });

  it.each([
    { what: 'line ends of CR LF', text: 'a b\r\nc\r\n', words: ['a', 'b', 'c'] },
    { what: 'a last line without an end', text: 'a\nb', words: ['a', 'b'] },
    { what: 'blank lines and all sorts of blanks', text: '\n \t\v\f\r\n\ta\vb\f\n', words: ['a', 'b'] },
    { what: 'joined lines as one word', text: 'a\\\nb', words: ['ab'] },
    { what: 'lines joined before CR LF', text: 'a\\\r\nb', words: ['ab'] },
    { what: 'a line joined with the end of the file', text: 'a\\\n', words: ['a'] },
    { what: 'joining after two backslashes', text: 'a\\\\\nb', words: ['a\\b'] },
    { what: 'joining by a backslash that joining has brought there', text: 'a\\\\\n\nb', words: ['ab'] },
    { what: 'a backslash at the end of the file', text: 'a\\', words: ['a\\'] },
    { what: 'a joined line as part of a remark', text: '# a\\\nb\nc', words: ['c'] },
    { what: 'both quotes', text: `"a 'b" 'c "d'`, words: [`a 'b`, `c "d`] },
    {
      what: 'escapes of the quote and the backslash inside quotes',
      text: '"a\\"b\\\\c\\d\\\'"',
      words: [`a"b\\c\\d\\'`],
    },
    { what: 'escapes of the backslash alone outside', text: 'a\\\\b\\"c\\d', words: ['a\\b\\"c\\d'] },
    { what: 'a quote inside a word as itself', text: 'it"s a', words: ['it"s', 'a'] },
    { what: 'a word that follows a quote at once', text: '"a"b "c""d"', words: ['a', 'b', 'c', 'd'] },
    { what: 'a quote without its end', text: '"a b\nc', words: ['a b', 'c'] },
    { what: 'a quote whose end is escaped', text: '"a b\\"', words: ['a b"'] },
    { what: 'words beyond ASCII, byte by byte', text: 'schlüssel 鍵', words: ['schlüssel', '鍵'] },
    { what: 'exec: alone as a word', text: 'exec: a', words: ['exec:', 'a'] },
    { what: 'nothing', text: '', words: [] },
    { what: 'nothing in remarks', text: '# a\n  #b c\n', words: [] },
  ])('reads $what', ({ text, words }) => {
    expect(wordsOf(text)).toEqual(words);
  });

  it('gives words in buffers of their own, and leaves the file alone', () => {
    const file = Buffer.from('first second');
    const words = parsePassphraseFile(file) as Buffer[];
    expect(file.toString()).toBe('first second');
    words[0]!.fill(0);
    expect(words[1]!.toString()).toBe('second');
    expect(words.map(({ buffer }) => buffer.byteLength)).toEqual([5, 6]);
  });

  it('reads the longest line that fits httpd’s buffer, and no longer one', () => {
    expect(wordsOf(`${'a'.repeat(8190)}\nb`)).toHaveLength(2);
    expect(parsePassphraseFile(Buffer.from(`${'a'.repeat(8191)}\nb`))).toMatch(
      /line of more than 8190 bytes/,
    );
  });

  it('counts joined lines as one', () => {
    const half = 'a'.repeat(4096);
    expect(parsePassphraseFile(Buffer.from(`${half}\\\n${half}\n`))).toMatch(/joined lines/);
  });

  it('refuses a zero byte', () => {
    expect(parsePassphraseFile(Buffer.from('a\0b'))).toMatch(/zero byte/);
  });

  it('says what is wrong without showing it', () => {
    expect(parsePassphraseFile(Buffer.from(`sh0rt\0${'x'.repeat(9000)}`))).not.toMatch(/sh0rt|xxx/);
  });
});
