import { readAttribute, writeAttribute } from './attribute.js';
import type { PageText } from './page-text.js';
import type { ScannedRange, ScannedTag } from './tag-scanner.js';

/** Changes the attributes of start tags. */
export class TagEditor {
  constructor(private readonly text: PageText) {}

  /** Changes an attribute's value. `edit` takes the source of the value and returns the new source, or `undefined` to keep
   *  the old one. The tag must still be in the buffer. */
  change(tag: ScannedTag, name: string, edit: (source: string) => string | undefined): void {
    const location = tag.location!;
    const found = location.attrs?.[name];
    if (!found) return; // an SVG or MathML element has the attribute under another name
    const range = this.withEquals(found, location);
    const attribute = readAttribute(this.text.slice(range));
    const source = edit(attribute.value);
    if (source !== undefined) this.text.replace(range, writeAttribute(attribute, source));
  }

  /** Returns an attribute's range with its `=`. The tokenizer leaves out an `=` that has no value behind it. */
  private withEquals(range: ScannedRange, tag: ScannedRange): ScannedRange {
    if (this.text.slice(range).includes('=')) return range; // a further `=` belongs to what follows
    const { startOffset, endOffset } = range;
    const rest = this.text.slice({ startOffset: endOffset, endOffset: tag.endOffset });
    const equals = /^[\t\n\f\r ]*=/.exec(rest)?.[0].length ?? 0;
    return { startOffset, endOffset: endOffset + equals };
  }
}

/** Returns the decoded value of a tag's attribute. */
export const valueOf = ({ attrs }: ScannedTag, name: string): string | undefined =>
  attrs.find((attribute) => attribute.name === name)?.value;
