import { randomBytes } from 'node:crypto';
import { codeOf } from '../../errors/session-store.error.js';
import { cookieFacts, type CookieFacts } from '../../options/audit/cookie-facts.js';
import { visit, type Visit, type VisitOptions } from './visit.js';

const MAX_REDIRECTS = 5;
/** Names that session cookies usually have. They are looked for if the caller gives no name. */
const USUAL_NAMES = /sid|sess/i;
/** Network errors which show that no server listens at the plain port. */
const CLOSED = new Set(['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT']);

/** The choices of a visit: cookie names, plain address, certificate. */
export interface InspectOptions extends VisitOptions {
  /** Names of the session cookies; empty to look for usual names. */
  readonly names: readonly string[];
  /** The http address of the site; needed if its https port is not 443. */
  readonly plainUrl?: string;
}

/** The facts that visits to a site show. */
export interface SiteFacts {
  /** The response that set the session cookie, or the last one if none did. */
  readonly main: Visit;
  /** The session cookies of that response. */
  readonly cookies: readonly CookieFacts[];
  /** The response over plain http; `closed` if no server listens there, `undefined` if the address is unknown. */
  readonly plain: Visit | 'closed' | undefined;
  /** True if the plain response sets the session cookie. */
  readonly plainSets: boolean;
  /** The fate of an invented id: `kept`, `replaced`, or `silent` if the response sets no cookie. `undefined` if the site
   *  sets no session cookie at all. */
  readonly inventedId: 'kept' | 'replaced' | 'silent' | undefined;
}

/** Visits a site as a new visitor, over plain http, and with an invented id. Rejects with the network's error if the site
 *  does not respond. */
export async function inspectSite(url: URL, options: InspectOptions): Promise<SiteFacts> {
  const trail = await followRedirects(url, options);
  const cookiesOf = (response: Visit) => sessionCookies(response, options.names);
  const main = trail.find((response) => cookiesOf(response).length > 0) ?? trail.at(-1)!;
  const cookies = cookiesOf(main);
  const plain = trail.find(({ url: at }) => at.protocol === 'http:') ?? (await visitPlain(main.url, options));
  const plainSets = typeof plain === 'object' && cookiesOf(plain).length > 0;
  return { main, cookies, plain, plainSets, inventedId: await tryInventedId(main, cookies[0], options) };
}

/** Returns the session cookies that a response sets. A line that clears a cookie has no value and is left out. */
function sessionCookies({ lines }: Visit, names: readonly string[]): CookieFacts[] {
  const all = lines.map((line) => cookieFacts(line, new Date())).filter(({ value }) => value);
  return all.filter(({ name }) => (names.length ? names.includes(name) : USUAL_NAMES.test(name)));
}

/** Returns the responses along the redirects within one host. */
async function followRedirects(url: URL, options: VisitOptions): Promise<Visit[]> {
  const trail = [await visit(url, options)];
  for (let i = 0; i < MAX_REDIRECTS; i++) {
    const next = redirectOf(trail.at(-1)!);
    if (!next || next.hostname !== url.hostname) break;
    trail.push(await visit(next, options));
  }
  return trail;
}

/** Returns the address that a response redirects to, or `undefined` if it is no redirect to http or https. */
export function redirectOf({ status, header, url }: Visit): URL | undefined {
  const location = header('location');
  if (status < 300 || status > 399 || !location || !URL.canParse(location, url.href)) return undefined;
  const next = new URL(location, url);
  return /^https?:$/.test(next.protocol) ? next : undefined;
}

/** Visits the site over http: at `plainUrl`, or at port 80 of a site whose https port is 443. */
async function visitPlain(url: URL, options: InspectOptions): Promise<Visit | 'closed' | undefined> {
  if (options.plainUrl === undefined && url.port) return undefined;
  const plain = new URL(options.plainUrl ?? `http://${url.host}${url.pathname}`);
  try {
    return await visit(plain, options);
  } catch (error) {
    if (CLOSED.has(codeOf(error))) return 'closed';
    throw error;
  }
}

/** Sends an id that the site did not make: in strict mode the site replaces it. */
async function tryInventedId(
  { url }: Visit,
  cookie: CookieFacts | undefined,
  options: InspectOptions,
): Promise<SiteFacts['inventedId']> {
  if (!cookie) return undefined;
  const id = randomBytes(16).toString('hex');
  const response = await visit(url, { ...options, cookie: `${cookie.name}=${id}` });
  const next = sessionCookies(response, [cookie.name]);
  if (next.some(({ value }) => value.includes(id))) return 'kept';
  return next.length ? 'replaced' : 'silent';
}
