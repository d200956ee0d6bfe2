import { escapeText } from './attribute.js';
import { disclosuresOf } from './disclosure.js';
import { FormField } from './form-field.js';
import { hasParameter, LinkId } from './link.js';
import { OwnHosts, type PageAddress } from './own-hosts.js';
import type { PageId, TransSidRules } from './page-id.interface.js';
import { isShort, PageText } from './page-text.js';
import { TagEditor, valueOf } from './tag-editor.js';
import type { MakeTagScanner, ScannedRange, ScannedTag, TagListener, TagScanner } from './tag-scanner.js';

/** Bytes of the longest text, comment or tag. Behind a longer one the rest of the page stays unchanged, because the
 *  tokenizer keeps each of them whole in memory. */
const MAX_TOKEN = 1_048_576;
/** The tokenizer is fed in pieces that end at multiples of this number. So the limits do not depend on how the page was
 *  cut into chunks. */
const PIECE = 65_536;

/** Elements that contain only text, wherever they stand. */
const TEXT_ELEMENTS: ReadonlySet<string> = new Set([
  'script', 'style', 'textarea', 'title', 'xmp', 'iframe', 'noembed', 'noframes', 'noscript', 'plaintext',
]); // prettier-ignore

export interface RewriterParts {
  readonly rules: TransSidRules;
  readonly id: PageId;
  readonly page: PageAddress;
  readonly makeScanner: MakeTagScanner;
}

/** Puts the id of a session into the links and forms of a page while the page streams. Every byte outside a rewritten
 *  attribute leaves as it came: the page is read with one character for each byte, whatever ASCII-compatible charset it
 *  has. */
export class PageRewriter {
  private readonly scanner: TagScanner;
  private readonly text = new PageText();
  private readonly editor = new TagEditor(this.text);
  private readonly hosts: OwnHosts;
  private readonly form: FormField;
  private readonly rules: TransSidRules;
  private readonly id: PageId;
  private readonly link: LinkId;
  /** Offset before which the scanner has reported everything. */
  private scanned = 0;
  /** The rest of the page passes unchanged. */
  private stopped = false;
  /** Name of the element in {@link TEXT_ELEMENTS} that the scanner is in. */
  private textElement: string | undefined;
  /** Reads the content of a `<noscript>` as a browser without scripts does. */
  private noscript: TagScanner | undefined;
  /** Content of a `<noscript>` that {@link noscript} has not read yet. The tokenizer reports it in pieces of few letters, and
   *  would join them with an unfinished tag again and again. */
  private unread: string[] = [];
  private unreadLength = 0;
  private readonly makeScanner: MakeTagScanner;

  constructor({ rules, id, page, makeScanner }: RewriterParts) {
    this.rules = rules;
    this.id = id;
    this.link = new LinkId(id);
    this.hosts = new OwnHosts(rules, page);
    this.form = new FormField(this.text, fieldOf(id));
    this.makeScanner = makeScanner;
    this.scanner = makeScanner({
      startTag: (tag) => this.startTag(tag),
      endTag: (tag) => this.endTag(tag),
      text: (text) => this.collect(text),
      scanned: (offset) => (this.scanned = offset),
    });
  }

  /** Takes the next bytes of the page and returns those that can leave now. */
  write(chunk: Buffer): Buffer {
    if (!this.text.received && isUtf16(chunk)) this.stopped = true;
    if (this.stopped)
      return this.text.isEmpty ? chunk : toBytes(this.text.passThrough(chunk.toString('latin1')));
    this.scan(chunk.toString('latin1'));
    return toBytes(this.stopped ? this.stop() : this.text.release(this.scanned));
  }

  /** Returns the rest, once the page has ended. */
  end(): Buffer {
    return toBytes(this.stop());
  }

  private scan(text: string): void {
    for (let from = 0; from < text.length && !this.stopped;) {
      const to = Math.min(text.length, from + PIECE - (this.text.received % PIECE));
      const piece = from === 0 && to === text.length ? text : text.slice(from, to);
      this.text.add(piece);
      this.scanner.feed(piece);
      from = to;
      if (this.text.received % PIECE === 0) this.enforceLimits();
      if (this.stopped) this.text.add(text.slice(from));
    }
  }

  private enforceLimits(): void {
    this.form.enforceLimit();
    this.stopped = this.text.received - this.scanned > MAX_TOKEN;
  }

  private stop(): string {
    this.stopped = true;
    this.readNoscript();
    this.form.fill();
    return this.text.releaseAll();
  }

  private startTag(tag: ScannedTag): void {
    const range = tag.location;
    const { tagName } = tag;
    if (!range) return;
    const fits = isShort(range);
    if (fits) this.removeDisclosures(tag);
    if (tagName === 'base') this.applyBase(tag, fits);
    if (tagName === 'button' || tagName === 'input') this.checkSubmitter(tag, fits);
    if (this.textElement !== undefined) return this.openUnsureForm(tag);
    if (TEXT_ELEMENTS.has(tagName) && !tag.selfClosing) this.enterText(tagName);
    this.form.enter(tagName);
    const attribute = this.rules.tags.get(tagName);
    if (attribute === undefined) return;
    if (fits) this.addId(tag, attribute);
    if (tagName === 'form') this.openForm(tag, range, fits);
  }

  private endTag({ tagName, location }: ScannedTag): void {
    if (this.textElement !== undefined) {
      if (tagName !== this.textElement) return;
      this.readNoscript();
      this.textElement = this.noscript = undefined;
      return;
    }
    this.form.leave(tagName);
    if (tagName === 'form' && location) this.form.close(location);
  }

  private enterText(tagName: string): void {
    this.textElement = tagName;
    if (tagName === 'noscript') this.noscript = this.makeScanner(this.noscriptListener);
  }

  private collect(text: string): void {
    if (!this.noscript) return;
    this.unread.push(text);
    this.unreadLength += text.length;
    if (this.unreadLength >= PIECE) this.readNoscript();
  }

  private readNoscript(): void {
    if (this.unreadLength) this.noscript?.feed(this.unread.join(''));
    this.unread = [];
    this.unreadLength = 0;
  }

  /** Listens for tags that lead to a foreign host and changes nothing: browsers with scripts see only text there. */
  private get noscriptListener(): TagListener {
    const nothing = () => {};
    return { startTag: (tag) => this.observe(tag), endTag: nothing, text: nothing, scanned: nothing };
  }

  private observe(tag: ScannedTag): void {
    if (tag.tagName === 'base') this.applyBase(tag, false);
    if (tag.tagName === 'button' || tag.tagName === 'input') this.checkSubmitter(tag, false);
    this.openUnsureForm(tag);
  }

  private openUnsureForm(tag: ScannedTag): void {
    if (tag.tagName === 'form') this.form.openUnsure(this.isOwnForm(tag));
  }

  private removeDisclosures(tag: ScannedTag): void {
    for (const { name, value } of disclosuresOf(tag, this.hosts)) this.editor.change(tag, name, () => value);
  }

  /** Empties a base that comes too late: it would lead the links before it, with the id, to another host. */
  private applyBase(tag: ScannedTag, canChange: boolean): void {
    const href = valueOf(tag, 'href');
    if (href === undefined || this.hosts.applyBase(href)) return;
    if (canChange) this.editor.change(tag, 'href', () => '');
    else this.hosts.distrustRelative();
  }

  /** Gives the form no field if this button sends it to a foreign host. A button that names its form by `form` may belong to one that
   *  has left with its field: it loses its target, and sends the form to the page itself. */
  private checkSubmitter(tag: ScannedTag, canChange: boolean): void {
    const target = valueOf(tag, 'formaction');
    if (target === undefined || this.hosts.isOwn(target)) return;
    if (valueOf(tag, 'form') === undefined) return this.form.forbid();
    if (canChange) this.editor.change(tag, 'formaction', () => '');
    else this.form.forbidAll();
  }

  private openForm(tag: ScannedTag, { endOffset }: ScannedRange, fits: boolean): void {
    const action = valueOf(tag, 'action');
    const isOwn = this.isOwnForm(tag);
    if (isOwn && fits && action) this.replaceOldId(tag);
    this.form.open(endOffset, isOwn && fits);
  }

  private isOwnForm(tag: ScannedTag): boolean {
    const action = valueOf(tag, 'action');
    return !action || this.hosts.isOwn(action);
  }

  /** Updates an old id in a form's action. The server reads the query first, so it would win over the field. */
  private replaceOldId(tag: ScannedTag): void {
    if (this.rules.tags.get('form') === 'action') return;
    this.editor.change(tag, 'action', (source) =>
      hasParameter(source, this.id.name) ? this.link.in(source) : undefined,
    );
  }

  private addId(tag: ScannedTag, attribute: string): void {
    const url = valueOf(tag, attribute);
    if (url === undefined || loadsNothing(url, attribute) || !this.hosts.isOwn(url)) return;
    this.editor.change(tag, attribute, (source) => this.link.in(source));
  }
}

/** Reports whether a browser would load nothing for a URL: it is a place in the page itself, or empty. An empty `href`
 *  however leads to the page. */
const loadsNothing = (url: string, attribute: string): boolean =>
  url === '' ? attribute !== 'href' : /^[\0- ]*#/.test(url);

const fieldOf = ({ name, value }: PageId): string =>
  `<input type="hidden" name="${escapeText(name)}" value="${escapeText(value)}" />`;

const toBytes = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Reports whether a page begins with the byte order mark of UTF-16. The mark overrides every declared charset, and tags of
 *  such a page cannot be found byte by byte. */
const isUtf16 = ([first, second]: Buffer): boolean =>
  (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
