/** Structure of URLs, by the names that HTML has for it; all other names stand for signs that are none, or for
 *  nothing at all. */
const NAMED: Readonly<Record<string, string>> = {
  num: '#', quest: '?', amp: '&', AMP: '&', equals: '=', sol: '/', bsol: '\\', colon: ':', Tab: '\t', NewLine: '\n',
  percnt: '%', plus: '+', lowbar: '_', period: '.', commat: '@',
}; // prettier-ignore

/** A character reference: its number, or its name with the semicolon, without which only few are references. */
const REFERENCE = /&(?:#[xX]([0-9a-fA-F]+);?|#([0-9]+);?|([A-Za-z][A-Za-z0-9]*);|amp(?![=A-Za-z0-9]))/g;

/** Stands for a sign that has no meaning in a URL. */
const OTHER = '\uFFFD';

/** The value of an attribute as it is written, and as it is meant. */
export class WrittenValue {
  /** One sign for each character or reference of what is written. */
  readonly plain: string;
  /** Where each of them begins, if there are references. */
  private readonly starts: readonly number[] | undefined;

  constructor(readonly written: string) {
    if (!written.includes('&')) {
      this.plain = written;
      return;
    }
    const starts: number[] = [];
    this.plain = readReferences(written, starts);
    this.starts = starts;
  }

  /** What is written for the signs from `start` to `end`. */
  slice(start: number, end: number): string {
    return this.written.slice(this.at(start), this.at(end));
  }

  private at(index: number): number {
    return this.starts ? (this.starts[index] ?? this.written.length) : index;
  }
}

function readReferences(written: string, starts: number[]): string {
  let plain = '';
  let from = 0;
  const literal = (to: number) => {
    for (let at = from; at < to; at++) starts.push(at);
    plain += written.slice(from, to);
  };
  for (const match of written.matchAll(REFERENCE)) {
    literal(match.index);
    starts.push(match.index);
    plain += signOf(match);
    from = match.index + match[0].length;
  }
  literal(written.length);
  return plain;
}

function signOf([, hex, decimal, name]: RegExpExecArray): string {
  if (name !== undefined) return NAMED[name] ?? OTHER;
  if (hex === undefined && decimal === undefined) return '&';
  const code = hex === undefined ? Number.parseInt(decimal!, 10) : Number.parseInt(hex, 16);
  return code < 0x80 ? String.fromCharCode(code) : OTHER;
}

/** An attribute of a start tag as it is written: `name="value"`, `name = 'value'`, `name=value` or `name`. */
export interface WrittenAttribute {
  /** What stands before the value: name, `=` and blanks. */
  readonly lead: string;
  readonly quote: '"' | "'" | '';
  readonly value: string;
}

const BLANKS: ReadonlySet<number> = new Set([9, 10, 12, 13, 32]);

export function readAttribute(written: string): WrittenAttribute {
  let at = written.indexOf('=', 1) + 1;
  if (!at) return { lead: `${written}=`, quote: '', value: '' };
  while (BLANKS.has(written.charCodeAt(at))) at++;
  const first = written[at];
  if (first !== '"' && first !== "'")
    return { lead: written.slice(0, at), quote: '', value: written.slice(at) };
  return { lead: written.slice(0, at), quote: first, value: written.slice(at + 1, -1) };
}

/** An attribute with another value. `value` is written for an attribute already, and its quotes stay; where there were
 *  none they are put in, since HTML has no `=` without. */
export function writeAttribute({ lead, quote }: WrittenAttribute, value: string): string {
  return quote ? lead + quote + value + quote : `${lead}"${value.replaceAll('"', '&quot;')}"`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text for an attribute in quotes of either kind. */
export const escapeText = (text: string): string => text.replace(/[&<>"']/g, (sign) => ESCAPES[sign]!);
