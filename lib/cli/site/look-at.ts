import { randomBytes } from 'node:crypto';
import { codeOf } from '../../errors/session-store.error.js';
import { cookieFacts, type CookieFacts } from '../../options/audit/cookie-facts.js';
import { visit, type Visit, type VisitOptions } from './visit.js';

const MAX_REDIRECTS = 5;
/** Names that session cookies have where nobody says the name. */
const USUAL = /sid|sess/i;
/** A plain port that nobody listens at serves nothing. */
const CLOSED = new Set(['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT']);

export interface LookOptions extends VisitOptions {
  /** Names of the session's cookies; with none, those that are usual. */
  readonly names: readonly string[];
  /** The plain address of a site that is not at port 443. */
  readonly plainUrl?: string;
}

/** What was seen of a site. */
export interface SiteFacts {
  /** The answer that set the session's cookie, or else the last. */
  readonly main: Visit;
  readonly cookies: readonly CookieFacts[];
  /** The answer of the plain address; `closed` where nobody listens there, `undefined` where it is not known. */
  readonly plain: Visit | 'closed' | undefined;
  /** Whether the plain address sets the session's cookie. */
  readonly plainSets: boolean;
  /** What became of an id that we made up: `kept`, `replaced`, or `silent` where the answer sets no cookie. */
  readonly forged: 'kept' | 'replaced' | 'silent' | undefined;
}

/** Visits a site as a new visitor, as one with a made-up id, and by its plain address. */
export async function lookAt(url: URL, options: LookOptions): Promise<SiteFacts> {
  const trail = await follow(url, options);
  const cookiesOf = (answer: Visit) => sessionCookies(answer, options.names);
  const main = trail.find((answer) => cookiesOf(answer).length > 0) ?? trail.at(-1)!;
  const cookies = cookiesOf(main);
  const plain = trail.find(({ url: at }) => at.protocol === 'http:') ?? (await plainVisit(main.url, options));
  const plainSets = typeof plain === 'object' && cookiesOf(plain).length > 0;
  return { main, cookies, plain, plainSets, forged: await forge(main, cookies[0], options) };
}

function sessionCookies({ lines }: Visit, names: readonly string[]): CookieFacts[] {
  const all = lines.map((line) => cookieFacts(line, new Date())).filter(({ value }) => value);
  return all.filter(({ name }) => (names.length ? names.includes(name) : USUAL.test(name)));
}

/** The answers of one host, redirects followed. */
async function follow(url: URL, options: VisitOptions): Promise<Visit[]> {
  const trail = [await visit(url, options)];
  for (let i = 0; i < MAX_REDIRECTS; i++) {
    const next = redirectOf(trail.at(-1)!);
    if (!next || next.hostname !== url.hostname) break;
    trail.push(await visit(next, options));
  }
  return trail;
}

/** Where an answer leads. */
export function redirectOf({ status, header, url }: Visit): URL | undefined {
  const location = header('location');
  if (status < 300 || status > 399 || !location || !URL.canParse(location, url.href)) return undefined;
  const next = new URL(location, url);
  return /^https?:$/.test(next.protocol) ? next : undefined;
}

async function plainVisit(url: URL, options: LookOptions): Promise<Visit | 'closed' | undefined> {
  if (options.plainUrl === undefined && url.port) return undefined;
  const plain = new URL(options.plainUrl ?? `http://${url.host}${url.pathname}`);
  try {
    return await visit(plain, options);
  } catch (error) {
    if (CLOSED.has(codeOf(error))) return 'closed';
    throw error;
  }
}

async function forge(
  { url }: Visit,
  cookie: CookieFacts | undefined,
  options: LookOptions,
): Promise<SiteFacts['forged']> {
  if (!cookie) return undefined;
  const id = randomBytes(16).toString('hex');
  const answer = await visit(url, { ...options, cookie: `${cookie.name}=${id}` });
  const next = sessionCookies(answer, [cookie.name]);
  if (next.some(({ value }) => value.includes(id))) return 'kept';
  return next.length ? 'replaced' : 'silent';
}
