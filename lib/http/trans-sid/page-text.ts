import type { ScannedRange } from './tag-scanner.js';

/** Bytes of the longest tag that is changed. So many are kept until it is known what they are. */
const MAX_TAG = 65_536;

/** Reports whether a tag is short enough to be still in the buffer when its end arrives. */
export const isShort = ({ startOffset, endOffset }: ScannedRange): boolean =>
  endOffset - startOffset <= MAX_TAG;

/** A change of a page: `text` replaces everything from `start` to `end`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  text: string;
}

/** The part of a page that has not left yet, and the edits to it. Offsets count from the beginning of the page. */
export class PageText {
  /** Bytes of the page that have arrived. */
  received = 0;
  /** Offset from which nothing may leave yet; `Infinity` for no such place. */
  heldFrom = Infinity;
  private buffer = '';
  private edits: Edit[] = [];

  get isEmpty(): boolean {
    return this.buffer === '';
  }

  /** Adds the next part of the page. */
  add(text: string): void {
    this.buffer = this.buffer === '' ? text : this.buffer + text;
    this.received += text.length;
  }

  /** Returns a part of the page that has not left yet, without its edits. */
  slice({ startOffset, endOffset }: ScannedRange): string {
    return this.buffer.slice(startOffset - this.released, endOffset - this.released);
  }

  replace({ startOffset: start, endOffset: end }: ScannedRange, text: string): void {
    this.addEdit({ start, end, text });
  }

  /** Inserts a text. Without `text` this only reserves the place: set the `text` of the result before it leaves. */
  insert(at: number, text = ''): Edit {
    return this.addEdit({ start: at, end: at, text });
  }

  /** Returns what can leave: everything before the offset `scanned`, and the text after it up to the next `<`, which could
   *  begin a tag. */
  release(scanned: number): string {
    const next = this.buffer.indexOf('<', Math.max(0, scanned - this.released));
    const open = next < 0 ? this.received : Math.max(this.released + next, this.received - MAX_TAG);
    const to = Math.min(open, this.heldFrom);
    return this.take(to, to);
  }

  /** Returns everything that has not left yet. */
  releaseAll(): string {
    return this.take(this.received, Infinity);
  }

  /** Adds a text that is not scanned and returns everything that has not left yet. */
  passThrough(text: string): string {
    this.add(text);
    return this.releaseAll();
  }

  /** Offset of the buffer's beginning. */
  private get released(): number {
    return this.received - this.buffer.length;
  }

  /** Adds an edit behind those that start before it. */
  private addEdit(edit: Edit): Edit {
    const { edits } = this;
    let at = edits.length;
    while (at > 0 && edits[at - 1]!.start > edit.start) at--;
    edits.splice(at, 0, edit);
    return edit;
  }

  /** Removes everything before `to` from the buffer and returns it, with the edits that start before `limit`. */
  private take(to: number, limit: number): string {
    const { released, buffer, edits } = this;
    let out = '';
    let from = released;
    let done = 0;
    for (; done < edits.length && edits[done]!.start < limit; done++) {
      const { start, end, text } = edits[done]!;
      out += buffer.slice(from - released, start - released) + text;
      from = end;
    }
    if (done) this.edits = edits.slice(done);
    this.buffer = to === this.received ? '' : buffer.slice(to - released);
    return out + buffer.slice(from - released, to - released);
  }
}
