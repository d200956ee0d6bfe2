import type { SAXParser } from 'parse5-sax-parser';

/** A start tag and where it stands: offsets in all that was fed so far. */
export interface ScannedTag {
  readonly tagName: string;
  readonly selfClosing: boolean;
  readonly attrs: readonly { readonly name: string; readonly value: string }[];
  readonly location?: (ScannedRange & { attrs?: Readonly<Record<string, ScannedRange>> }) | null;
}

export interface ScannedRange {
  readonly startOffset: number;
  readonly endOffset: number;
}

/** Who is told what a scanner sees, while it is fed. */
export interface TagListener {
  startTag(tag: ScannedTag): void;
  endTag(tag: ScannedTag): void;
  text(text: string): void;
  /** Everything before this offset is told. */
  passed(offset: number): void;
}

/** Finds the tags of a page; one for each page. */
export interface TagScanner {
  feed(text: string): void;
}

export type MakeTagScanner = (listener: TagListener) => TagScanner;

/** The package parse5-sax-parser. Its types are not named where ours are read without it. */
export interface SaxPackage {
  readonly SAXParser: unknown;
}

/** Scanners over the tokenizer of parse5. It is fed directly and its tokens are taken as they come: the stream around it
 *  puts all text together, which is of no use here and costs twice what the tokens do. */
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
      this.pass(tag);
    }

    override onEndTag(tag: Token<'onStartTag'>): void {
      this.listener.endTag(tag);
      this.pass(tag);
    }

    override onCharacter(token: Token<'onCharacter'>): void {
      this.listener.text(token.chars);
      this.pass(token);
    }

    override onComment(token: Token<'onComment'>): void {
      this.pass(token);
    }

    override onDoctype(token: Token<'onDoctype'>): void {
      this.pass(token);
    }

    private pass({ location }: { readonly location?: ScannedRange | null }): void {
      if (location) this.listener.passed(location.endOffset);
    }
  }
  return (listener) => new Scanner(listener);
}
