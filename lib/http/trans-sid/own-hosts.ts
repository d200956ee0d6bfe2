import type { TransSidRules } from './page-id.interface.js';

/** The place of a page. */
export interface PageAddress {
  /** The visitor's side of the connection is encrypted. */
  readonly secure: boolean;
  /** Scheme, host and port; `undefined` if they are not known for certain. */
  readonly origin: string | undefined;
}

/** A URL that names a scheme or a host. Every other URL is relative to the page. */
const ABSOLUTE = /^(?:[a-z][a-z0-9+.-]*:|[\\/]{2})/i;

/** Characters that a browser may remove from a URL (WHATWG URL §4.4). */
const REMOVABLE = /[\0- ]/;

/** An http or https URL that names a host. As in a browser, a backslash counts as a slash. The host must be ASCII: the
 *  meaning of other bytes depends on the page's charset, which we do not decode. */
const WEB = /^(?:https?:)?[\\/]{2,}[\x21-\x2e\x30-\x5b\x5d-\x7e]+(?:[\\/?#]|$)/i;

/** Decides which URLs of one page lead to our own hosts. Only those may carry the id. */
export class OwnHosts {
  /** Relative URLs are own until a `<base>` leads them elsewhere. */
  private isRelativeOwn = true;
  /** A relative URL was reported as own, so the page has the id in it. */
  private hasUsedRelative = false;

  constructor(
    private readonly rules: Pick<TransSidRules, 'hosts'>,
    private readonly page: PageAddress,
  ) {}

  /** Reports whether a URL leads to an own host. `url` is an attribute's decoded value, one character for each byte or
   *  reference. */
  isOwn(url: string): boolean {
    const clean = REMOVABLE.test(url) ? withoutRemovable(url) : url;
    if (ABSOLUTE.test(clean)) return this.isOwnHost(clean);
    this.hasUsedRelative ||= this.isRelativeOwn;
    return this.isRelativeOwn;
  }

  /** Handles a `<base href>`. If it leads elsewhere, relative URLs are foreign from now on. Returns `false` if it must not
   *  stay in the page: it would also redirect the relative URLs before it, which have the id already. */
  applyBase(url: string): boolean {
    const { hasUsedRelative } = this;
    const isOwn = this.isOwn(url);
    this.hasUsedRelative = hasUsedRelative;
    if (!isOwn && hasUsedRelative && this.isRelativeOwn) return false;
    this.isRelativeOwn &&= isOwn;
    return true;
  }

  /** Handles a `<base>` that leads elsewhere and cannot be changed: relative URLs are foreign from now on. */
  distrustRelative(): void {
    this.isRelativeOwn = false;
  }

  private isOwnHost(absolute: string): boolean {
    const base = this.page.secure ? 'https://own.invalid' : 'http://own.invalid';
    if (!WEB.test(absolute) || !URL.canParse(absolute, base)) return false;
    const url = new URL(absolute, base);
    if (this.page.secure && url.protocol !== 'https:') return false; // the id must not leave unencrypted
    const { hosts } = this.rules;
    return hosts.length ? hosts.includes(url.hostname) || hosts.includes(url.host) : this.isOwnOrigin(url);
  }

  /** Reports whether a URL has the page's origin, or the same host with https instead of http. */
  private isOwnOrigin(url: URL): boolean {
    const { origin } = this.page;
    if (origin === undefined) return false;
    return url.origin === origin || (url.protocol === 'https:' && `http://${url.host}` === origin);
  }
}

/** Returns a URL without the characters that a browser removes: controls and spaces at both ends, tabs and line ends
 *  anywhere. The loops keep the work linear; `/[\0- ]+$/` would not. */
function withoutRemovable(url: string): string {
  let start = 0;
  let end = url.length;
  while (start < end && url[start]! <= ' ') start++;
  while (end > start && url[end - 1]! <= ' ') end--;
  return url.slice(start, end).replace(/[\t\n\r]/g, '');
}
