import { WrittenValue } from './attribute.js';
import type { PageId } from './page-id.interface.js';
import { isParameter } from './query-id.js';

/** Signs that a browser cuts off at both ends of a URL: controls and blanks (WHATWG URL §4.4), but for NUL, which is
 *  another sign once it has been read as HTML. */
const isBlank = (sign: string | undefined): boolean => sign !== undefined && sign <= ' ' && sign !== '\0';

/** What has to be read first: references other than `&amp;`, and signs that are written by their number. */
const UNCOMMON = /&(?!amp;)|%/;

/** A scheme and host without a path: the query needs one. */
const BARE_HOST = /^[\0- ]*(?:https?:)?[\\/]{2,}[^\\/]+$/i;

/** Puts an id into URLs as they are written in HTML. */
export class LinkId {
  private readonly name: string;
  private readonly pair: string;

  constructor({ name, value }: PageId) {
    this.name = name;
    this.pair = `${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
  }

  /** The value of an attribute with the id in its query, before the fragment. An id of ours that is there already is
   *  replaced. */
  in(written: string): string {
    return this.isCommon(written) ? this.append(written) : this.replace(new WrittenValue(written));
  }

  /** Nothing in it has to be read, and no id is there: most are so, and this is much cheaper. */
  private isCommon(written: string): boolean {
    return !UNCOMMON.test(written) && !written.includes(this.name);
  }

  private append(written: string): string {
    const end = endOf(written);
    const before = written.slice(0, end);
    const query = before.indexOf('?');
    const separator = query < 0 ? opening(before) : query === end - 1 ? '' : '&amp;';
    return before + separator + this.pair + written.slice(end);
  }

  private replace(text: WrittenValue): string {
    const { plain } = text;
    const end = endOf(plain);
    const query = plain.slice(0, end).indexOf('?');
    const rest = text.slice(end, plain.length);
    if (query < 0) return text.slice(0, end) + opening(plain.slice(0, end)) + this.pair + rest;
    const kept = keptSegments(text, query + 1, end, this.name);
    return text.slice(0, query + 1) + (kept && `${kept}&amp;`) + this.pair + rest;
  }
}

/** What begins a query. */
const opening = (address: string): string => (BARE_HOST.test(address) ? '/?' : '?');

/** Whether a URL brings the parameter already. */
export function hasParameter(written: string, name: string): boolean {
  const { plain } = new WrittenValue(written);
  const end = endOf(plain);
  const query = plain.indexOf('?');
  if (query < 0 || query >= end) return false;
  const segments = plain.slice(query + 1, end).split('&');
  return segments.some((segment) => isParameter(segment, name));
}

/** Where the fragment begins, or what a browser cuts off. */
function endOf(plain: string): number {
  const hash = plain.indexOf('#');
  if (hash >= 0) return hash;
  let end = plain.length;
  while (end > 0 && isBlank(plain[end - 1])) end--;
  return end;
}

/** What is written between two places of a query, without the parameters of a name. */
function keptSegments(text: WrittenValue, start: number, end: number, name: string): string {
  let kept = '';
  let at = start;
  for (const segment of text.plain.slice(start, end).split('&')) {
    const from = at === start || kept === '' ? at : at - 1; // with what separates it
    if (!isParameter(segment, name)) kept += text.slice(from, at + segment.length);
    at += segment.length + 1;
  }
  return kept;
}
