import type { SAXParser } from 'parse5-sax-parser';

/** A start or end tag of a page. */
export interface ScannedTag {
  readonly tagName: string;
  readonly selfClosing: boolean;
  /** Values are decoded. */
  readonly attrs: readonly { readonly name: string; readonly value: string }[];
  /** The place of the tag and of its attributes, by name. */
  readonly location?: (ScannedRange & { attrs?: Readonly<Record<string, ScannedRange>> }) | null;
}

/** A part of a page. Offsets count characters from the beginning of everything that was fed. */
export interface ScannedRange {
  readonly startOffset: number;
  readonly endOffset: number;
}

/** Receives what a scanner finds, while the scanner is fed. */
export interface TagListener {
  startTag(tag: ScannedTag): void;
  endTag(tag: ScannedTag): void;
  text(text: string): void;
  /** Called after each token: everything before this offset was reported. */
  scanned(offset: number): void;
}

/** Finds the tags of one page. */
export interface TagScanner {
  feed(text: string): void;
}

export type MakeTagScanner = (listener: TagListener) => TagScanner;

/** The package parse5-sax-parser. Our published types must not need its types, so the member is `unknown`. */
export interface SaxPackage {
  readonly SAXParser: unknown;
}

/** Returns a maker of scanners over the tokenizer of parse5. A scanner feeds the tokenizer directly and takes its tokens as
 *  they come. The stream around it would collect all text, which we do not need and which costs twice as much. */
export function tagScanners(sax: SaxPackage): MakeTagScanner {
  const Parser = sax.SAXParser as typeof SAXParser;
  type Token<T extends 'onStartTag' | 'onComment' | 'onDoctype' | 'onCharacter'> = Parameters<
    SAXParser[T]
  >[0];

  class Scanner extends Parser implements TagScanner {
    constructor(private readonly listener: TagListener) {
      super({ sourceCodeLocationInfo: true });
    }

    feed(text: string): void {
      this._transformChunk(text);
    }

    override onStartTag(tag: Token<'onStartTag'>): void {
      this.listener.startTag(tag);
      this.report(tag);
    }

    override onEndTag(tag: Token<'onStartTag'>): void {
      this.listener.endTag(tag);
      this.report(tag);
    }

    override onCharacter(token: Token<'onCharacter'>): void {
      this.listener.text(token.chars);
      this.report(token);
    }

    override onComment(token: Token<'onComment'>): void {
      this.report(token);
    }

    override onDoctype(token: Token<'onDoctype'>): void {
      this.report(token);
    }

    private report({ location }: { readonly location?: ScannedRange | null }): void {
      if (location) this.listener.scanned(location.endOffset);
    }
  }
  return (listener) => new Scanner(listener);
}
