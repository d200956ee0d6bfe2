import { escapeText, readAttribute, writeAttribute } from './attribute.js';
import { disclosuresOf } from './disclosure.js';
import { FormField } from './form-field.js';
import { hasParameter, LinkId } from './link.js';
import { OwnHosts, type PageAddress } from './own-hosts.js';
import type { PageId, TransSidRules } from './page-id.interface.js';
import { isShort, PageText } from './page-text.js';
import type { MakeTagScanner, ScannedRange, ScannedTag, TagListener, TagScanner } from './tag-scanner.js';

/** Bytes of a single text, comment or tag after which the rest of the page stays as it is: the tokenizer keeps each
 *  whole. */
const MAX_TOKEN = 1_048_576;
/** The tokenizer is fed in pieces that end at multiples of this, so that the limits do not depend on how a page was cut. */
const PIECE = 65_536;

/** Elements whose content is text, wherever they stand. */
const TEXT_ELEMENTS: ReadonlySet<string> = new Set([
  'script', 'style', 'textarea', 'title', 'xmp', 'iframe', 'noembed', 'noframes', 'noscript', 'plaintext',
]); // prettier-ignore

export interface RewriterParts {
  readonly rules: TransSidRules;
  readonly id: PageId;
  readonly page: PageAddress;
  readonly makeScanner: MakeTagScanner;
}

/** Puts the id of a session into the links and forms of a page, as it streams by. All bytes that are not a rewritten
 *  attribute leave as they came: the page is read one sign a byte, in any charset that has ASCII in it. */
export class PageRewriter {
  private readonly scanner: TagScanner;
  private readonly text = new PageText();
  private readonly hosts: OwnHosts;
  private readonly form: FormField;
  private readonly rules: TransSidRules;
  private readonly id: PageId;
  private readonly link: LinkId;
  /** Offset before which the tokenizer has told everything. */
  private told = 0;
  /** The rest passes as it is. */
  private over = false;
  private inside: string | undefined;
  /** Reads what only a browser without scripts reads. */
  private withoutScripts: TagScanner | undefined;
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
      text: (text) => this.withoutScripts?.feed(text),
      passed: (offset) => (this.told = offset),
    });
  }

  /** What of the page can leave now. */
  write(chunk: Buffer): Buffer {
    if (!this.text.fed && isUtf16(chunk)) this.over = true;
    if (this.over) return this.text.idle ? chunk : bytes(this.text.pass(chunk.toString('latin1')));
    this.scan(chunk.toString('latin1'));
    return bytes(this.over ? this.stop() : this.text.release(this.told));
  }

  /** What is left at the end of the page. */
  end(): Buffer {
    return bytes(this.stop());
  }

  private scan(text: string): void {
    for (let from = 0; from < text.length && !this.over;) {
      const to = Math.min(text.length, from + PIECE - (this.text.fed % PIECE));
      const piece = from === 0 && to === text.length ? text : text.slice(from, to);
      this.text.add(piece);
      this.scanner.feed(piece);
      from = to;
      if (this.text.fed % PIECE === 0) this.limit();
      if (this.over) this.text.add(text.slice(from));
    }
  }

  private limit(): void {
    this.form.limit();
    this.over = this.text.fed - this.told > MAX_TOKEN;
  }

  private stop(): string {
    this.over = true;
    this.form.give();
    return this.text.rest();
  }

  private startTag(tag: ScannedTag): void {
    const range = tag.location;
    const { tagName } = tag;
    if (!range) return;
    const fits = isShort(range);
    if (fits) this.disclosures(tag);
    if (tagName === 'base') this.rebase(tag, fits);
    if (tagName === 'button' || tagName === 'input') this.submitter(tag);
    if (this.inside !== undefined) return this.doubt(tag);
    if (TEXT_ELEMENTS.has(tagName) && !tag.selfClosing) this.enter(tagName);
    this.form.enter(tagName);
    const attribute = this.rules.tags.get(tagName);
    if (attribute === undefined) return;
    if (fits) this.attribute(tag, attribute);
    if (tagName === 'form') this.openForm(tag, range, fits);
  }

  private endTag({ tagName, location }: ScannedTag): void {
    if (this.inside !== undefined) {
      if (tagName === this.inside) this.inside = this.withoutScripts = undefined;
      return;
    }
    this.form.leave(tagName);
    if (tagName === 'form' && location) this.form.close(location);
  }

  private enter(tagName: string): void {
    this.inside = tagName;
    if (tagName === 'noscript') this.withoutScripts = this.makeScanner(this.observer);
  }

  /** Sees what may lead elsewhere, and changes nothing. */
  private get observer(): TagListener {
    const nothing = () => {};
    return { startTag: (tag) => this.observe(tag), endTag: nothing, text: nothing, passed: nothing };
  }

  private observe(tag: ScannedTag): void {
    if (tag.tagName === 'base') this.rebase(tag, false);
    if (tag.tagName === 'button' || tag.tagName === 'input') this.submitter(tag);
    this.doubt(tag);
  }

  private doubt(tag: ScannedTag): void {
    if (tag.tagName === 'form') this.form.doubt(this.isOwnForm(tag));
  }

  private disclosures(tag: ScannedTag): void {
    for (const { name, value } of disclosuresOf(tag, this.hosts)) this.change(tag, name, () => value);
  }

  /** A base that comes too late is emptied: it would lead the links before it elsewhere, with the id. */
  private rebase(tag: ScannedTag, fits: boolean): void {
    const href = valueOf(tag, 'href');
    if (href === undefined || this.hosts.rebase(href)) return;
    if (fits) this.change(tag, 'href', () => '');
    else this.hosts.distrust();
  }

  /** A button that sends the form elsewhere. */
  private submitter(tag: ScannedTag): void {
    const target = valueOf(tag, 'formaction');
    if (target !== undefined && !this.hosts.isOwn(target)) this.form.leak();
  }

  private openForm(tag: ScannedTag, { endOffset }: ScannedRange, fits: boolean): void {
    const action = valueOf(tag, 'action');
    const own = this.isOwnForm(tag);
    if (own && fits && action) this.replaceOld(tag);
    this.form.open(endOffset, own && fits);
  }

  private isOwnForm(tag: ScannedTag): boolean {
    const action = valueOf(tag, 'action');
    return !action || this.hosts.isOwn(action);
  }

  /** An id in the action would count before the one in the field. */
  private replaceOld(tag: ScannedTag): void {
    if (this.rules.tags.get('form') === 'action') return;
    this.change(tag, 'action', (value) =>
      hasParameter(value, this.id.name) ? this.link.in(value) : undefined,
    );
  }

  private attribute(tag: ScannedTag, name: string): void {
    const value = valueOf(tag, name);
    if (value === undefined || isNowhere(value, name) || !this.hosts.isOwn(value)) return;
    this.change(tag, name, (written) => this.link.in(written));
  }

  private change(tag: ScannedTag, name: string, edit: (value: string) => string | undefined): void {
    const found = tag.location!.attrs?.[name];
    if (!found) return; // an attribute of foreign content has another name there
    const range = this.withEquals(found, tag.location!);
    const attribute = readAttribute(this.text.slice(range));
    const value = edit(attribute.value);
    if (value !== undefined) this.text.replace(range, writeAttribute(attribute, value));
  }

  /** The tokenizer leaves the `=` out of the place of an attribute that has nothing behind it. */
  private withEquals(range: ScannedRange, tag: ScannedRange): ScannedRange {
    if (this.text.slice(range).includes('=')) return range; // the next one belongs to what follows
    const { startOffset, endOffset } = range;
    const rest = this.text.slice({ startOffset: endOffset, endOffset: tag.endOffset });
    const equals = /^[\t\n\f\r ]*=/.exec(rest)?.[0].length ?? 0;
    return { startOffset, endOffset: endOffset + equals };
  }
}

const valueOf = ({ attrs }: ScannedTag, name: string): string | undefined =>
  attrs.find((attribute) => attribute.name === name)?.value;

/** A place in the page itself, or nothing that a browser would load: only an empty link leads to the page. */
const isNowhere = (address: string, attribute: string): boolean =>
  address === '' ? attribute !== 'href' : /^[\0- ]*#/.test(address);

const fieldOf = ({ name, value }: PageId): string =>
  `<input type="hidden" name="${escapeText(name)}" value="${escapeText(value)}" />`;

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

/** A byte order mark counts more than any declaration; the tags of such a page are not found byte by byte. */
const isUtf16 = ([first, second]: Buffer): boolean =>
  (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
