/** Attributes as an HTML page writes them: with quotes of either kind or none, and with character references. */

/** The characters that matter in a URL, by their names in HTML. Every other named reference is a character without
 *  meaning in a URL, or no reference at all. */
const NAMED: Readonly<Record<string, string>> = {
  num: '#', quest: '?', amp: '&', AMP: '&', equals: '=', sol: '/', bsol: '\\', colon: ':', Tab: '\t', NewLine: '\n',
  percnt: '%', plus: '+', lowbar: '_', period: '.', commat: '@',
}; // prettier-ignore

/** A character reference (HTML §13.5): a number, or a name with its semicolon. Only few names are references without it. */
const REFERENCE = /&(?:#[xX]([0-9a-fA-F]+);?|#([0-9]+);?|([A-Za-z][A-Za-z0-9]*);|amp(?![=A-Za-z0-9]))/g;

/** Stands for a character that has no meaning in a URL. */
const OTHER = '\uFFFD';

/** The value of an attribute, both as it is written in the page and as a browser reads it. */
export class AttributeValue {
  /** The value as a browser reads it: one character for each character or reference of the source. Characters beyond
   *  ASCII that are written as references become {@link OTHER}. */
  readonly decoded: string;
  /** The place in the source of each decoded character. `undefined` if the source has no references. */
  private readonly offsets: readonly number[] | undefined;

  constructor(readonly source: string) {
    if (!source.includes('&')) {
      this.decoded = source;
      return;
    }
    const offsets: number[] = [];
    this.decoded = decodeReferences(source, offsets);
    this.offsets = offsets;
  }

  /** Returns the source of the decoded characters from `start` to `end`. */
  sliceSource(start: number, end: number): string {
    return this.source.slice(this.offsetOf(start), this.offsetOf(end));
  }

  private offsetOf(index: number): number {
    return this.offsets ? (this.offsets[index] ?? this.source.length) : index;
  }
}

/** Returns the decoded text and fills `offsets` with the place in the source of each of its characters. */
function decodeReferences(source: string, offsets: number[]): string {
  let decoded = '';
  let from = 0;
  const copyUntil = (to: number) => {
    for (let at = from; at < to; at++) offsets.push(at);
    decoded += source.slice(from, to);
  };
  for (const match of source.matchAll(REFERENCE)) {
    copyUntil(match.index);
    offsets.push(match.index);
    decoded += characterOf(match);
    from = match.index + match[0].length;
  }
  copyUntil(source.length);
  return decoded;
}

function characterOf([, hex, decimal, name]: RegExpExecArray): string {
  if (name !== undefined) return NAMED[name] ?? OTHER;
  if (hex === undefined && decimal === undefined) return '&';
  const code = hex === undefined ? Number.parseInt(decimal!, 10) : Number.parseInt(hex, 16);
  return code < 0x80 ? String.fromCharCode(code) : OTHER;
}

/** The parts of an attribute's source: `name="value"`, `name = 'value'`, `name=value` or `name`. */
export interface SourceAttribute {
  /** Everything before the value and its quote: name, `=` and white space. */
  readonly lead: string;
  readonly quote: '"' | "'" | '';
  readonly value: string;
}

/** ASCII whitespace as HTML defines it: tab, line feed, form feed, carriage return and space. */
const WHITESPACE: ReadonlySet<number> = new Set([9, 10, 12, 13, 32]);

/** Splits an attribute's source. An attribute without `=` gets one and an empty value. */
export function readAttribute(source: string): SourceAttribute {
  let at = source.indexOf('=', 1) + 1;
  if (!at) return { lead: `${source}=`, quote: '', value: '' };
  while (WHITESPACE.has(source.charCodeAt(at))) at++;
  const first = source[at];
  if (first !== '"' && first !== "'")
    return { lead: source.slice(0, at), quote: '', value: source.slice(at) };
  return { lead: source.slice(0, at), quote: first, value: source.slice(at + 1, -1) };
}

/** Returns the source of an attribute with another value. `value` must be escaped for the attribute's own quotes. If it
 *  has none, the result has double quotes, since HTML allows few characters without them. */
export function writeAttribute({ lead, quote }: SourceAttribute, value: string): string {
  return quote ? lead + quote + value + quote : `${lead}"${value.replaceAll('"', '&quot;')}"`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes a text for an attribute in quotes of either kind. */
export const escapeText = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ESCAPES[character]!);
