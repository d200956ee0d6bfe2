// Texts that somebody wrote to spell a key or to name a secret, and that would silently become a passphrase. Whoever knows
// the configuration knows such a name, and could make every session. No message here repeats the text.

/** Blanks, quotes and the byte order mark, byte by byte: what env files and editors put before a text. */
const LEAD: ReadonlySet<number> = new Set(Buffer.from('\t\n\v\f\r "\'`\u00a0«»‘’“”„\ufeff'));

/** The byte order marks of UTF-8 and of both kinds of UTF-16. */
const BYTE_ORDER_MARKS = ['efbbbf', 'fffe', 'feff'].map((mark) => Buffer.from(mark, 'hex'));

/** The texts that name another place of a secret. */
export const REFERENCES: readonly string[] = ['file:', 'exec:'];
const PREFIXES: readonly string[] = ['raw:', 'hex:', ...REFERENCES];

/** Bytes that tell a name. No more of a secret becomes a string, which could not be wiped. */
const HEAD = 16;
/** Heads of names that are told by their last byte, too. */
const NEEDS_END = /^(?:id=|\$\{)/i;

/** Names of things that hold a secret, with what to write instead. */
const NAMES: readonly { readonly is: RegExp; readonly fault: string }[] = [
  {
    is: /^(?:key:|pkcs11:|label=|id=[0-9a-f]+\W*$)/i,
    fault: 'looks like the name of a key in a token, which is not a secret; write { key: "label=…" }',
  },
  {
    is: /^(?:env:|\$\{\w+\}\W*$)/i,
    fault: 'looks like the name of a variable, which is not a secret; write process.env.NAME',
  },
  {
    is: /^\/(?:run|var\/run|etc)\//,
    fault: 'looks like the name of a file, which is not a secret; write { file: "name" }',
  },
];

const ESCAPE = ', or { passphrase: … } as the option if it is a passphrase';

/** Returns what is wrong with a text that names or misspells a secret, for a message after the option's path; `undefined` for
 *  any other text. Texts that begin with exactly `raw:` or `hex:` are not judged here. */
export function mistakeIn(text: Buffer): string | undefined {
  if (BYTE_ORDER_MARKS.some((mark) => text.subarray(0, mark.length).equals(mark)))
    return `begins with a byte order mark; save it as UTF-8 without one${ESCAPE}`;
  const name = nameIn(text, leadLength(text));
  const known = NAMES.find(({ is }) => is.test(name));
  return known ? known.fault + ESCAPE : prefixMistake(text, PREFIXES);
}

/** Returns what is wrong with a text that begins with one of `prefixes`, or nearly so: behind blanks or quotes, or in capital
 *  letters. A text that begins with exactly that is a reference where only the secret itself is read. */
export function prefixMistake(text: Buffer, prefixes: readonly string[]): string | undefined {
  const lead = leadLength(text);
  const name = nameIn(text, lead);
  const prefix = prefixes.find((one) => name.toLowerCase().startsWith(one));
  if (!prefix) return undefined;
  if (lead) return `begins with ${leadOf(text)} before "${prefix}"; remove what stands before it${ESCAPE}`;
  if (!name.startsWith(prefix))
    return `begins with "${prefix}" in capital letters; write small letters${ESCAPE}`;
  return `is a reference ("${prefix}"), which is read only as the text of the option itself; give the secret here, or the reference there${ESCAPE}`;
}

function leadLength(text: Buffer): number {
  const length = text.findIndex((byte) => !LEAD.has(byte));
  return length < 0 ? text.length : length;
}

function nameIn(text: Buffer, lead: number): string {
  const head = text.toString('latin1', lead, lead + HEAD);
  return NEEDS_END.test(head) ? text.toString('latin1', lead) : head;
}

/** Names the first character. */
const leadOf = (text: Buffer): string =>
  /^\s/.test(text.toString('utf8', 0, 3)) ? 'a blank' : 'a quote, which docker --env-file keeps,';
