// The syntax of SessionCryptoPassphraseFile. See httpd's mod_session_crypto.c, set_crypto_passphrase_file, and
// server/util.c, ap_cfg_getline and ap_getword_conf.

/** Bytes of a line that fit httpd's buffer. httpd silently stops reading the file at a longer line. */
const LINE_LIMIT = 8190;

const [BACKSLASH, CR, LF, HASH] = [0x5c, 0x0d, 0x0a, 0x23];
const isBlank = (byte: number) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
const isQuote = (byte: number) => byte === 0x22 || byte === 0x27;

/** Returns the words of a passphrase file, or a message that says what is wrong with it. The words are copies; the caller
 *  wipes them and `bytes`.
 *
 *  - A backslash at the end of a line joins it with the next line.
 *  - Blanks separate words. Quotes of either kind group a word. Inside quotes, a backslash escapes that quote and the
 *    backslash; outside of quotes, it escapes the backslash only.
 *  - An empty word, or a word that begins with `#` (quoted or not), ends the line.
 *  - `${NAME}` is not replaced.
 *
 *  Two things that httpd passes over are faults here: a line that is too long for httpd's buffer, and a zero byte. */
export function parsePassphraseFile(bytes: Buffer): Buffer[] | string {
  if (bytes.includes(0)) return 'holds a zero byte, at which httpd would stop reading; remove it';
  const text = joinLines(bytes);
  try {
    const lines = [...linesOf(text)];
    if (lines.some((line) => line.length > LINE_LIMIT))
      return `has a line of more than ${LINE_LIMIT} bytes, at which httpd would stop reading; joined lines count as one`;
    return lines.flatMap((line) => [...wordsOf(line)]);
  } finally {
    text.fill(0);
  }
}

/** Returns a copy without the backslashes that end a line and without the LF or CR LF after them. As in httpd, a
 *  backslash that joining brings to the end of a line joins the next line too. */
function joinLines(bytes: Buffer): Buffer {
  const joined = Buffer.allocUnsafeSlow(bytes.length);
  let length = 0;
  for (const byte of bytes) {
    joined[length++] = byte;
    if (byte !== LF) continue;
    const end = joined[length - 2] === CR ? length - 2 : length - 1;
    if (joined[end - 1] === BACKSLASH) length = end - 1;
  }
  return joined.subarray(0, length);
}

/** Yields the lines without their LF. A CR before it is a blank. */
function* linesOf(text: Buffer): Generator<Buffer> {
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf(LF, start);
    const end = newline < 0 ? text.length : newline;
    yield text.subarray(start, end);
    start = end + 1;
  }
}

/** Yields copies of the words of one line. Stops at an empty word and at a `#`. */
function* wordsOf(line: Buffer): Generator<Buffer> {
  for (let at = skipBlanks(line, 0); at < line.length;) {
    const quote = isQuote(line[at]!) ? line[at] : undefined;
    const start = quote ? at + 1 : at;
    const end = quote ? endOfQuoted(line, start, quote) : endOfBare(line, start);
    if (end === start || line[start] === HASH) return;
    yield unescaped(line.subarray(start, end), quote);
    at = skipBlanks(line, quote ? end + 1 : end);
  }
}

function skipBlanks(line: Buffer, at: number): number {
  while (at < line.length && isBlank(line[at]!)) at++;
  return at;
}

function endOfBare(line: Buffer, at: number): number {
  while (at < line.length && !isBlank(line[at]!)) at++;
  return at;
}

function endOfQuoted(line: Buffer, at: number, quote: number): number {
  while (at < line.length && line[at] !== quote) at += isEscape(line, at, quote) ? 2 : 1;
  return at;
}

/** True if a backslash at `at` escapes the next byte. Outside of quotes, `quote` is `undefined`. */
const isEscape = (text: Buffer, at: number, quote: number | undefined): boolean =>
  text[at] === BACKSLASH && (text[at + 1] === BACKSLASH || (!!quote && text[at + 1] === quote));

/** Returns a copy without the escaping backslashes, in a buffer that shares no memory and can be wiped. */
function unescaped(text: Buffer, quote: number | undefined): Buffer {
  const word = Buffer.allocUnsafeSlow(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    if (isEscape(text, at, quote)) at++;
    word[length++] = text[at]!;
  }
  return word.subarray(0, length);
}
