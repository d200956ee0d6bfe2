import { validateHeaderValue, type ServerResponse } from 'node:http';
import { nameOfLine } from '../cookie.js';
import { allowsSharedCaches, CDN_HEADERS } from './shared-caches.js';
import { headersAmong, toObject, withHeaders, type Headers, type HeaderValue } from './call-arguments.js';

/** The additions to a head just before it leaves. */
export interface HeadAdditions {
  /** Set-Cookie lines. Each replaces every other line that sets its cookie. */
  readonly cookies: readonly string[];
  /** Cache headers. They are set only if the response has no Cache-Control of its own. Its own is replaced only if it lets
   *  a shared cache store one of our cookies or ids. */
  readonly defaults: Readonly<Record<string, string>>;
  /** Header names, separated by `, `, that Vary must contain. If there are neither names nor cookies, nothing is added to
   *  the head at all. */
  readonly vary: string | undefined;
  /** Headers that replace others of the same name. Names are in lower case. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Names of headers to remove, in lower case. */
  readonly removed?: readonly string[] | undefined;
}

/** The part of a response that this file uses. */
type HeadHolder = Pick<ServerResponse, 'getHeader' | 'setHeader' | 'removeHeader'>;

/** The form of the headers for `writeHead`: an object, or a list of names and values in turn, which costs half as much. */
type HeadersFormat = 'object' | 'list';

/** Adds to the head of `response`. `args` are the arguments of a `writeHead` that is about to run, if any; returns the
 *  arguments to run it with. Headers that `writeHead` passes win over headers that were set before, so the additions go
 *  into the arguments if those contain headers. Otherwise they are set on the response. */
export function addToHead(
  response: HeadHolder,
  args: unknown[],
  additions: HeadAdditions,
  format: HeadersFormat = 'object',
): unknown[] {
  if (!additions.cookies.length && !additions.vary) return args;
  const removed = additions.removed ?? (isForOne(additions) ? CDN_HEADERS : undefined);
  if (removed) for (const name of removed) response.removeHeader(name);
  const passed = headersAmong(args);
  if (!passed) {
    eachAddition(response, NONE_PASSED, additions, (name, value) => void response.setHeader(name, value));
    return args;
  }
  const list = merge(response, passed, additions, removed);
  return withHeaders(args, format === 'list' ? list : toObject(list));
}

/** Adds to a head that comes in place of one that was refused, unless an addition was the reason. */
export function addIfValid(response: HeadHolder, additions: HeadAdditions): void {
  try {
    addToHead(response, [], additions);
  } catch {
    // the error that was thrown first says why
  }
}

const NONE_PASSED: Headers = Object.freeze({});

/** Reports whether the head carries a cookie or an id of one visitor. */
const isForOne = ({ cookies, headers }: HeadAdditions): boolean =>
  cookies.length > 0 || headers !== undefined;

/** Reports whether the application lets shared caches store a head that is for one visitor. It becomes `no-store`. */
export function exposesVisitor(
  response: Pick<ServerResponse, 'getHeader'>,
  args: readonly unknown[],
  additions: HeadAdditions,
): boolean {
  if (!isForOne(additions)) return false;
  const own = headerOf(response, args, 'cache-control');
  return own !== undefined && allowsSharedCaches(own);
}

/** Returns the passed headers and the additions as a list of names and values in turn, each name once. */
function merge(
  response: HeadHolder,
  headers: object,
  additions: HeadAdditions,
  removed: readonly string[] | undefined,
): (string | HeaderValue)[] {
  const passed = Array.isArray(headers) ? toObject(headers) : (headers as Headers);
  const added: (string | HeaderValue)[] = [];
  eachAddition(response, passed, additions, (name, value) => void added.push(name, value));
  const list: (string | HeaderValue)[] = [];
  for (const name in passed)
    if (!isAdded(added, name) && !removed?.includes(name.toLowerCase())) list.push(name, passed[name]!);
  list.push(...added);
  return list;
}

function isAdded(added: readonly (string | HeaderValue)[], name: string): boolean {
  const lower = name.toLowerCase();
  for (let i = 0; i < added.length; i += 2) if (added[i] === lower) return true;
  return false;
}

/** Calls `add` with the name, in lower case, and the value of each header that the head must have. */
function eachAddition(
  response: HeadHolder,
  passed: Headers,
  additions: HeadAdditions,
  add: (name: string, value: string | readonly string[]) => void,
): void {
  const { cookies, defaults, vary, headers } = additions;
  const own = valueOf(passed, 'cache-control') ?? response.getHeader('cache-control');
  if (own === undefined) for (const name in defaults) add(name, defaults[name]!);
  else if (isForOne(additions) && !headers?.['cache-control'] && allowsSharedCaches(String(own)))
    add('cache-control', 'no-store');
  if (cookies.length) add('set-cookie', withOtherCookies(response, passed, cookies));
  if (vary) add('vary', withNames(valueOf(passed, 'vary') ?? response.getHeader('vary'), vary));
  if (headers) for (const name in headers) add(name, headers[name]!);
}

/** Returns the application's Set-Cookie lines, without those that set one of our cookies, and then our lines. */
function withOtherCookies(
  response: HeadHolder,
  passed: Headers,
  cookies: readonly string[],
): readonly string[] {
  const set = response.getHeader('set-cookie');
  const more = valueOf(passed, 'set-cookie');
  if (set === undefined && more === undefined) return cookies;
  const ours = new Set(cookies.map(nameOfLine));
  const others = [set ?? [], more ?? []].flat().map(String);
  return [...others.filter((line) => !ours.has(nameOfLine(line))), ...cookies];
}

/** Returns a Vary header that contains all `names`, or `*` if the value was that. */
function withNames(value: HeaderValue | undefined, names: string): string {
  if (value === undefined) return names;
  return names.split(', ').reduce<string>(withName, [value].flat().join(', '));
}

function withName(present: string, name: string): string {
  if (!present) return name;
  const names = present
    .toLowerCase()
    .split(',')
    .map((one) => one.trim());
  return names.includes('*') || names.includes(name.toLowerCase()) ? present : `${present}, ${name}`;
}

/** Returns what is passed under a name, in any spelling. Values of several spellings are joined in one list. */
function valueOf(passed: Headers, name: string): HeaderValue | undefined {
  let found: HeaderValue | undefined;
  for (const key in passed)
    if (key.length === name.length && key.toLowerCase() === name)
      found = found === undefined ? passed[key] : ([found, passed[key]].flat() as string[]);
  return found;
}

/** Returns the value that a header will have in a head that is about to leave: the one that `writeHead` passes in `args`,
 *  or else the one that was set. `name` must be in lower case. */
export function headerOf(
  response: Pick<ServerResponse, 'getHeader'>,
  args: readonly unknown[],
  name: string,
): string | undefined {
  const passed = headersAmong(args);
  const value = (passed && valueOf(toObject(passed), name)) ?? response.getHeader(name);
  return value === undefined ? undefined : String(value);
}

/** Removes a header from a head that is about to leave: from those that were set, and from those that `args` pass to
 *  `writeHead`. Returns its values, the passed ones first, and the arguments that are left. `name` must be in lower case.
 *  Throws what Node would throw for an invalid value. */
export function takeFromHead(
  response: Pick<ServerResponse, 'getHeader' | 'removeHeader'>,
  args: unknown[],
  name: string,
): { values: string[]; args: unknown[] } {
  const set = [response.getHeader(name) ?? []].flat().map(String);
  if (set.length) response.removeHeader(name);
  const passed = headersAmong(args);
  if (!passed) return { values: set, args };
  const headers = toObject(passed);
  const values = takeFromObject(headers, name);
  if (!values) return { values: set, args };
  return { values: [...values.map(String), ...set], args: withHeaders(args, headers) };
}

/** Removes a header, in any spelling, and returns its values. */
function takeFromObject(passed: Headers, name: string): string[] | undefined {
  const keys = Object.keys(passed).filter((one) => one.toLowerCase() === name);
  if (!keys.length) return undefined;
  const values = keys.flatMap((key) => passed[key] as string | string[]);
  for (const value of values) validateHeaderValue(name, String(value)); // Node would have checked it when it sent it
  for (const key of keys) delete passed[key];
  return values;
}
