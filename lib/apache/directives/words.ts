// The words of a configuration line: see httpd's server/util.c, ap_getword_conf. Quotes of either kind group a word. Inside
// quotes, a backslash escapes that quote and the backslash; outside of quotes, it escapes the backslash only.

/** The blanks of C's isspace, for a character class. */
const BLANK = ' \\t\\n\\v\\f\\r';
/** One word with the blanks around it. The groups are: text in double quotes, its closing quote, text in single quotes, its
 *  closing quote, text without quotes. A closing quote is an empty match if it is missing. */
const WORD = new RegExp(
  `[${BLANK}]*(?:"((?:\\\\["\\\\]|[^"])*)("?)|'((?:\\\\['\\\\]|[^'])*)('?)|([^${BLANK}]+))[${BLANK}]*`,
  'y',
);

/** One word of a line. */
export interface Word {
  /** Without its quotes and escapes. */
  readonly word: string;
  /** The rest of the line after the word, without blanks in front. */
  readonly rest: string;
  /** False if a quote is not closed. httpd then takes the rest of the line as the word. */
  readonly closed: boolean;
}

/** Returns the first word of a text, or `undefined` if there are only blanks. */
export function nextWord(text: string): Word | undefined {
  WORD.lastIndex = 0;
  const match = WORD.exec(text);
  if (!match) return undefined;
  const [, double, doubleEnd, single, singleEnd, bare] = match;
  const rest = text.slice(WORD.lastIndex);
  if (double !== undefined)
    return { word: double.replace(/\\(["\\])/g, '$1'), rest, closed: doubleEnd !== '' };
  if (single !== undefined)
    return { word: single.replace(/\\(['\\])/g, '$1'), rest, closed: singleEnd !== '' };
  return { word: bare!.replace(/\\\\/g, '\\'), rest, closed: true };
}

/** Returns all words of a line. `closed` is false if a quote is not closed. */
export function wordsOf(text: string): { readonly words: readonly string[]; readonly closed: boolean } {
  const words: string[] = [];
  let closed = true;
  for (let next = nextWord(text); next; next = nextWord(next.rest)) {
    words.push(next.word);
    closed = next.closed;
  }
  return { words, closed };
}
