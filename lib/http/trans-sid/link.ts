import { AttributeValue } from './attribute.js';
import type { PageId } from './page-id.interface.js';
import { isParameter } from './query-id.js';

/** Reports whether a browser cuts a character off at both ends of a URL: a control character or space (WHATWG URL §4.4).
 *  NUL is none of them, because the HTML parser has replaced it by then. */
const isStripped = (character: string | undefined): boolean =>
  character !== undefined && character <= ' ' && character !== '\0';

/** Source that must be decoded first: references other than `&amp;`, and percent-encoded characters. */
const NEEDS_DECODING = /&(?!amp;)|%/;

/** A scheme and host without a path. A query needs one. */
const BARE_HOST = /^[\0- ]*(?:https?:)?[\\/]{2,}[^\\/]+$/i;

/** Puts an id into URLs as HTML writes them. */
export class LinkId {
  private readonly name: string;
  private readonly pair: string;

  constructor({ name, value }: PageId) {
    this.name = name;
    this.pair = `${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
  }

  /** Returns the source of an attribute's value with the id in its query, before the fragment. Replaces ids of the same
   *  name. */
  in(source: string): string {
    return this.isSimple(source) ? this.append(source) : this.replace(new AttributeValue(source));
  }

  /** Reports whether a URL needs no decoding and carries no id. Most are so, and appending costs much less. */
  private isSimple(source: string): boolean {
    return !NEEDS_DECODING.test(source) && !source.includes(this.name);
  }

  private append(source: string): string {
    const end = endOf(source);
    const before = source.slice(0, end);
    const query = before.indexOf('?');
    const separator = query < 0 ? queryStart(before) : query === end - 1 ? '' : '&amp;';
    return before + separator + this.pair + source.slice(end);
  }

  private replace(value: AttributeValue): string {
    const { decoded } = value;
    const end = endOf(decoded);
    const query = decoded.slice(0, end).indexOf('?');
    const rest = value.sliceSource(end, decoded.length);
    if (query < 0) return value.sliceSource(0, end) + queryStart(decoded.slice(0, end)) + this.pair + rest;
    const kept = keptSegments(value, query + 1, end, this.name);
    return value.sliceSource(0, query + 1) + (kept && `${kept}&amp;`) + this.pair + rest;
  }
}

/** Returns the text that begins the query of a URL without one. */
const queryStart = (url: string): string => (BARE_HOST.test(url) ? '/?' : '?');

/** Reports whether the query of a URL, as HTML writes it, has the parameter. */
export function hasParameter(source: string, name: string): boolean {
  const { decoded } = new AttributeValue(source);
  const end = endOf(decoded);
  const query = decoded.indexOf('?');
  if (query < 0 || query >= end) return false;
  const segments = decoded.slice(query + 1, end).split('&');
  return segments.some((segment) => isParameter(segment, name));
}

/** Returns the offset of the fragment, or else of the characters that a browser cuts off at the end. */
function endOf(url: string): number {
  const hash = url.indexOf('#');
  if (hash >= 0) return hash;
  let end = url.length;
  while (end > 0 && isStripped(url[end - 1])) end--;
  return end;
}

/** Returns the source of a query from `start` to `end` without the parameters that have the name. */
function keptSegments(value: AttributeValue, start: number, end: number, name: string): string {
  let kept = '';
  let at = start;
  for (const segment of value.decoded.slice(start, end).split('&')) {
    const from = at === start || kept === '' ? at : at - 1; // with the `&` before it
    if (!isParameter(segment, name)) kept += value.sliceSource(from, at + segment.length);
    at += segment.length + 1;
  }
  return kept;
}
