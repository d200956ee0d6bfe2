import type { ScannedRange } from './tag-scanner.js';

/** Bytes of a tag that is changed, at most: so much is kept until it is known what it is. */
const MAX_TAG = 65_536;

/** Whether all of a tag is here when its end has come. */
export const isShort = ({ startOffset, endOffset }: ScannedRange): boolean =>
  endOffset - startOffset <= MAX_TAG;

/** A change of a page: `text` in the place of what stands from `start` to `end`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  text: string;
}

/** What of a page is here still, and the changes to it that were not made yet. Offsets count from the page's beginning. */
export class PageText {
  /** Bytes that came. */
  fed = 0;
  /** What stands from here on may not leave yet. */
  held = Infinity;
  private present = '';
  private edits: Edit[] = [];

  /** Nothing is kept back. */
  get idle(): boolean {
    return this.present === '';
  }

  add(text: string): void {
    this.present = this.present === '' ? text : this.present + text;
    this.fed += text.length;
  }

  slice({ startOffset, endOffset }: ScannedRange): string {
    return this.present.slice(startOffset - this.gone, endOffset - this.gone);
  }

  replace({ startOffset: start, endOffset: end }: ScannedRange, text: string): void {
    this.edit({ start, end, text });
  }

  /** Room for a text that is decided upon later; it is put in by its `text`. */
  insert(at: number, text = ''): Edit {
    return this.edit({ start: at, end: at, text });
  }

  /** What can leave: all before `told`, and the text after it, up to what could be a tag. */
  release(told: number): string {
    const next = this.present.indexOf('<', Math.max(0, told - this.gone));
    const open = next < 0 ? this.fed : Math.max(this.gone + next, this.fed - MAX_TAG);
    const to = Math.min(open, this.held);
    return this.take(to, to);
  }

  /** All that is here. */
  rest(): string {
    return this.take(this.fed, Infinity);
  }

  /** All that is here, and `text` as it is. */
  pass(text: string): string {
    this.add(text);
    return this.rest();
  }

  private get gone(): number {
    return this.fed - this.present.length;
  }

  private edit(edit: Edit): Edit {
    const { edits } = this;
    let at = edits.length;
    while (at > 0 && edits[at - 1]!.start > edit.start) at--;
    edits.splice(at, 0, edit);
    return edit;
  }

  /** Everything before `to`, with the changes that begin before `limit`. */
  private take(to: number, limit: number): string {
    const { gone, present, edits } = this;
    let out = '';
    let from = gone;
    let made = 0;
    for (; made < edits.length && edits[made]!.start < limit; made++) {
      const { start, end, text } = edits[made]!;
      out += present.slice(from - gone, start - gone) + text;
      from = end;
    }
    if (made) this.edits = edits.slice(made);
    this.present = to === this.fed ? '' : present.slice(to - gone);
    return out + present.slice(from - gone, to - gone);
  }
}
