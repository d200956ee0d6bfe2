const BLANK = ' \\t\\n\\v\\f\\r';
const WORD = new RegExp(
  `[${BLANK}]*(?:"((?:\\\\["\\\\]|[^"])*)("?)|'((?:\\\\['\\\\]|[^'])*)('?)|([^${BLANK}]+))[${BLANK}]*`,
  'y',
);

export interface Word {
  readonly word: string;
  /** What follows, without blanks in front. */
  readonly rest: string;
  /** False when a quote was opened and not closed; httpd takes the rest of the line then. */
  readonly closed: boolean;
}

/** The first word, or `undefined` when only blanks are left. Quotes of both kinds hold words together; a backslash
 *  before the same quote or a backslash is taken away. See ap_getword_conf, server/util.c. */
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

/** All words of a line. */
export function wordsOf(text: string): { readonly words: readonly string[]; readonly closed: boolean } {
  const words: string[] = [];
  let closed = true;
  for (let next = nextWord(text); next; next = nextWord(next.rest)) {
    words.push(next.word);
    closed = next.closed;
  }
  return { words, closed };
}
