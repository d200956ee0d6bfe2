import type { TransSidRules } from './page-id.interface.js';

/** Where a page stands. */
export interface PageAddress {
  /** The visitor's side of the connection is encrypted. */
  readonly secure: boolean;
  /** Scheme, host and port, where they are known for certain. */
  readonly origin: string | undefined;
}

/** An address that names a scheme or a host; all others are relative to the page. */
const ABSOLUTE = /^(?:[a-z][a-z0-9+.-]*:|[\\/]{2})/i;

/** Signs that a browser may leave out (WHATWG URL §4.4). */
const UNCLEAN = /[\0- ]/;

/** One that names a host, of http or https; a browser takes backslashes for slashes there. The host is in ASCII: what
 *  other bytes mean depends on the page's charset, which we do not read. */
const WEB = /^(?:https?:)?[\\/]{2,}[\x21-\x2e\x30-\x5b\x5d-\x7e]+(?:[\\/?#]|$)/i;

/** Which addresses of one page lead to our own hosts. */
export class OwnHosts {
  /** Addresses without a host are ours: until a `<base>` says otherwise. */
  private relative = true;
  /** One of them was said to be ours. */
  private relied = false;

  constructor(
    private readonly rules: Pick<TransSidRules, 'hosts'>,
    private readonly page: PageAddress,
  ) {}

  /** `address`: as HTML means it, one sign for each byte where it is no reference. */
  isOwn(address: string): boolean {
    const clean = UNCLEAN.test(address) ? address.replace(/^[\0- ]+|[\0- ]+$|[\t\n\r]/g, '') : address;
    if (ABSOLUTE.test(clean)) return this.isOwnHost(clean);
    this.relied ||= this.relative;
    return this.relative;
  }

  /** A `<base href>`: what is relative is ours no more once one leads elsewhere. `false` where it may not: it counts for
   *  what stands before it too, which has the id. */
  rebase(address: string): boolean {
    const { relied } = this;
    const own = this.isOwn(address);
    this.relied = relied;
    if (!own && relied && this.relative) return false;
    this.relative &&= own;
    return true;
  }

  /** A `<base>` that can't be changed leads elsewhere. */
  distrust(): void {
    this.relative = false;
  }

  private isOwnHost(address: string): boolean {
    const base = this.page.secure ? 'https://own.invalid' : 'http://own.invalid';
    if (!WEB.test(address) || !URL.canParse(address, base)) return false;
    const url = new URL(address, base);
    if (this.page.secure && url.protocol !== 'https:') return false; // an id must not leave in the clear
    const { hosts } = this.rules;
    return hosts.length ? hosts.includes(url.hostname) || hosts.includes(url.host) : this.isOwnOrigin(url);
  }

  /** The same origin, or the same host by https in the place of http. */
  private isOwnOrigin(url: URL): boolean {
    const { origin } = this.page;
    if (origin === undefined) return false;
    return url.origin === origin || (url.protocol === 'https:' && `http://${url.host}` === origin);
  }
}
