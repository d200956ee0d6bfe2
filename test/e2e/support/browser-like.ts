import { ask, type Answer } from '../../support/ask.js';

/** A cookie as a browser keeps it (RFC 6265bis §5.6, §5.7). */
interface KeptCookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  readonly secure: boolean;
  /** Milliseconds since 1970; until the browser closes where there is none. */
  readonly until: number | undefined;
}

export interface Page extends Answer {
  readonly url: string;
}

/** A page as it came over the wire, and what it was asked with. */
export type Wiretap = (page: Page) => void;

interface Ask {
  readonly method?: string;
  readonly form?: Readonly<Record<string, string>>;
}

const MAX_REDIRECTS = 5;

/** A browser that has one tab: it keeps cookies as browsers do, follows redirects and submits forms. It speaks to the
 *  server as a proxy does that ends TLS for `origin`. At first it sends neither Origin nor Sec-Fetch-Site, as old ones do,
 *  so that only the token of a form says where a request comes from. */
export class BrowserLike {
  /** The answers of the server are shown, but their Set-Cookie lines get lost. */
  loses = false;
  /** Says with each form where it comes from, as browsers do today. */
  tellsOrigin = false;
  private cookies: KeptCookie[] = [];

  constructor(
    private readonly server: string,
    private readonly now: () => number,
    private readonly tap: Wiretap = () => {},
    readonly origin = 'https://shop.example',
  ) {}

  get(path: string): Promise<Page> {
    return this.open(new URL(path, this.origin), {});
  }

  /** Submits the form of a page, with its hidden fields. */
  submit(page: Page, fields: Readonly<Record<string, string>> = {}): Promise<Page> {
    const form = /<form\b[^>]*\baction="([^"]*)"/.exec(page.text);
    if (!form) throw new Error(`no form on ${page.url}`);
    const hidden = page.text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g);
    const all = Object.fromEntries([...hidden].map(([, name, value]) => [name!, value!]));
    return this.open(new URL(form[1]!, page.url), { method: 'POST', form: { ...all, ...fields } });
  }

  /** Another device, or a thief, with the cookies that are here now. */
  copy(): BrowserLike {
    const twin = new BrowserLike(this.server, this.now, this.tap, this.origin);
    twin.cookies = [...this.cookies];
    return twin;
  }

  /** Puts a Set-Cookie line in, as another site or a thief might have done; whether the browser takes it. */
  plant(line: string): boolean {
    return this.keep(line, new URL(this.origin));
  }

  cookie(name: string): string | undefined {
    return this.cookies.find((one) => one.name === name)?.value;
  }

  get cookieNames(): string[] {
    return this.cookies.map(({ name }) => name);
  }

  private async open(url: URL, ask: Ask, redirects = 0): Promise<Page> {
    const page = await this.fetch(url, ask);
    if (!this.loses) for (const line of page.cookies) this.keep(line, url);
    this.tap(page);
    const { location } = page.headers;
    if (![301, 302, 303, 307, 308].includes(page.status) || location === undefined) return page;
    if (redirects === MAX_REDIRECTS) throw new Error(`too many redirects at ${page.url}`);
    return this.open(new URL(location, url), page.status < 307 ? {} : ask, redirects + 1);
  }

  private async fetch(url: URL, { method, form }: Ask): Promise<Page> {
    const headers = {
      host: url.host,
      'x-forwarded-proto': url.protocol.slice(0, -1),
      'x-forwarded-host': url.host,
      ...(form && this.tellsOrigin && { origin: this.origin }),
      ...this.cookieHeader(url),
    };
    const answer = await ask(this.server + url.pathname + url.search, { method, form, headers });
    return { ...answer, url: url.href };
  }

  /** Longer paths first (§5.8.3). */
  private cookieHeader(url: URL): { cookie?: string } {
    this.cookies = this.cookies.filter(({ until }) => until === undefined || until > this.now());
    const sent = this.cookies
      .filter(({ path, secure }) => covers(path, url.pathname) && (!secure || url.protocol === 'https:'))
      .toSorted((a, b) => b.path.length - a.path.length);
    return sent.length ? { cookie: sent.map(({ name, value }) => `${name}=${value}`).join('; ') } : {};
  }

  private keep(line: string, url: URL): boolean {
    const [pair, ...rest] = line.split(/; ?/);
    const equals = pair!.indexOf('=');
    const [name, value] = [pair!.slice(0, equals), pair!.slice(equals + 1)];
    const attributes = new Map(rest.map(attribute));
    const path = attributes.get('path') || defaultPath(url.pathname);
    const secure = attributes.has('secure');
    if (secure && url.protocol !== 'https:') return false;
    if (/^__secure-/i.test(name) && !secure) return false;
    if (/^__host-/i.test(name) && !(secure && attributes.get('path') === '/' && !attributes.has('domain')))
      return false;
    this.cookies = this.cookies.filter((one) => one.name !== name || one.path !== path);
    const until = this.end(attributes);
    if (until === undefined || until > this.now()) this.cookies.push({ name, value, path, secure, until });
    return true;
  }

  /** Max-Age counts where both are there. */
  private end(attributes: ReadonlyMap<string, string>): number | undefined {
    const [maxAge, expires] = [attributes.get('max-age'), attributes.get('expires')];
    if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return this.now() + 1000 * Number(maxAge);
    return expires === undefined ? undefined : Date.parse(expires);
  }
}

function attribute(text: string): [name: string, value: string] {
  const equals = text.indexOf('=');
  return equals < 0
    ? [text.toLowerCase(), '']
    : [text.slice(0, equals).toLowerCase(), text.slice(equals + 1)];
}

/** §5.1.4 */
const covers = (path: string, asked: string): boolean =>
  asked === path || (asked.startsWith(path) && (path.endsWith('/') || asked[path.length] === '/'));

const defaultPath = (asked: string): string => asked.slice(0, asked.lastIndexOf('/')) || '/';
