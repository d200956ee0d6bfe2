import { validateHeaderValue, type ServerResponse } from 'node:http';
import { nameOfLine } from '../cookie.js';

/** What is added to a head just before it leaves. */
export interface HeadAdditions {
  /** Set-Cookie lines; each replaces whatever else sets its name. */
  readonly cookies: readonly string[];
  /** Headers for caches, set where the response has no Cache-Control of its own. */
  readonly defaults: Readonly<Record<string, string>>;
  /** Names, joined by a comma and a blank, that are added to Vary where they are not there. */
  readonly vary: string | undefined;
  /** Headers that replace what has their name; names in lower case. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Headers that are taken out; names in lower case. */
  readonly removed?: readonly string[] | undefined;
}

/** The part of a response that is needed here. */
type HeadHolder = Pick<ServerResponse, 'getHeader' | 'setHeader' | 'hasHeader' | 'removeHeader'>;

type Value = string | number | readonly string[];
type Headers = Record<string, Value>;

/** Adds to the head of `response`. `args` are those of a `writeHead` that is about to run; gives the arguments to run
 *  it with. Headers stand in both, and those of `writeHead` replace what was set before: so what is added goes there,
 *  where there are such headers. They are given on as an object, or with `listed` as names and values in turn, which
 *  costs half as much. */
export function addToHead(
  response: HeadHolder,
  args: unknown[],
  additions: HeadAdditions,
  listed = false,
): unknown[] {
  if (!additions.cookies.length && !additions.vary) return args;
  if (additions.removed) for (const name of additions.removed) response.removeHeader(name);
  const at = args.findIndex((arg) => typeof arg === 'object' && arg !== null);
  if (at < 0) {
    eachAdded(response, NOTHING_PASSED, additions, (name, value) => void response.setHeader(name, value));
    return args;
  }
  const list = joined(response, args[at]!, additions);
  return args.with(at, listed ? list : toObject(list));
}

const NOTHING_PASSED: Headers = Object.freeze({});

/** The passed headers with what is added, each name once. */
function joined(response: HeadHolder, headers: object, additions: HeadAdditions): (string | Value)[] {
  const passed = Array.isArray(headers) ? toObject(headers) : (headers as Headers);
  const added: (string | Value)[] = [];
  eachAdded(response, passed, additions, (name, value) => void added.push(name, value));
  const list: (string | Value)[] = [];
  for (const name in passed)
    if (!isAdded(added, name) && !additions.removed?.includes(name.toLowerCase()))
      list.push(name, passed[name]!);
  list.push(...added);
  return list;
}

function isAdded(added: readonly (string | Value)[], name: string): boolean {
  const lower = name.toLowerCase();
  for (let i = 0; i < added.length; i += 2) if (added[i] === lower) return true;
  return false;
}

/** Names, in lower case, and values of the headers that have to be there. */
function eachAdded(
  response: HeadHolder,
  passed: Headers,
  { cookies, defaults, vary, headers }: HeadAdditions,
  add: (name: string, value: string | readonly string[]) => void,
): void {
  const own = response.hasHeader('cache-control') || valueOf(passed, 'cache-control') !== undefined;
  if (!own) for (const name in defaults) add(name, defaults[name]!);
  if (cookies.length) add('set-cookie', withOthers(response, passed, cookies));
  if (vary) add('vary', withNames(valueOf(passed, 'vary') ?? response.getHeader('vary'), vary));
  if (headers) for (const name in headers) add(name, headers[name]!);
}

/** Our cookies and those that others set, but for those of our names. */
function withOthers(response: HeadHolder, passed: Headers, cookies: readonly string[]): readonly string[] {
  const set = response.getHeader('set-cookie');
  const more = valueOf(passed, 'set-cookie');
  if (set === undefined && more === undefined) return cookies;
  const ours = new Set(cookies.map(nameOfLine));
  const others = [set ?? [], more ?? []].flat().map(String);
  return [...others.filter((line) => !ours.has(nameOfLine(line))), ...cookies];
}

/** A Vary header that has all of `names` in it. */
function withNames(value: Value | undefined, names: string): string {
  if (value === undefined) return names;
  return names.split(', ').reduce<string>(withName, [value].flat().join(', '));
}

function withName(present: string, name: string): string {
  const names = present.toLowerCase().split(/\s*,\s*/);
  return !present || names.includes('*') || names.includes(name.toLowerCase())
    ? present || name
    : `${present}, ${name}`;
}

/** What is passed under a name, in every spelling that it has there. */
function valueOf(passed: Headers, name: string): Value | undefined {
  let found: Value | undefined;
  for (const key in passed)
    if (key.length === name.length && key.toLowerCase() === name)
      found = found === undefined ? passed[key] : ([found, passed[key]].flat() as string[]);
  return found;
}

/** A header of a head that is about to leave: what `writeHead` passes in `args`, or what was set. */
export function headerOf(
  response: Pick<ServerResponse, 'getHeader'>,
  args: readonly unknown[],
  name: string,
): string | undefined {
  const passed = args.find((arg) => typeof arg === 'object' && arg !== null);
  const value = (passed && valueOf(toObject(passed), name)) ?? response.getHeader(name);
  return value === undefined ? undefined : String(value);
}

/** Takes a header out of those passed, in every spelling that it has there. */
function take(passed: Headers, name: string): string[] | undefined {
  const keys = Object.keys(passed).filter((one) => one.toLowerCase() === name);
  if (!keys.length) return undefined;
  const values = keys.flatMap((key) => passed[key] as string | string[]);
  for (const value of values) validateHeaderValue(name, String(value)); // as Node would have done
  for (const key of keys) delete passed[key];
  return values;
}

/** `writeHead` takes an object, or names and values in turn, or pairs. A copy: the caller's stays as it is. */
export function toObject(headers: object): Headers {
  if (!Array.isArray(headers)) return { ...(headers as Headers) };
  const pairs: [string, string][] = Array.isArray(headers[0])
    ? (headers as [string, string][])
    : Array.from({ length: headers.length / 2 }, (_, i) => [
        String(headers[2 * i]),
        headers[2 * i + 1] as string,
      ]);
  const result = Object.create(null) as Headers; // a header may be named `constructor`
  for (const [name, value] of pairs) {
    const before = result[name];
    result[name] = before === undefined ? value : ([before, value].flat() as string[]);
  }
  return result;
}

/** Takes a header out of a head that is about to leave: what was set, and what is passed to `writeHead` in `args`. Gives
 *  its values in order, and the arguments that are left. `name` in lower case. */
export function takeFromHead(
  response: Pick<ServerResponse, 'getHeader' | 'removeHeader'>,
  args: unknown[],
  name: string,
): { values: string[]; args: unknown[] } {
  const set = [response.getHeader(name) ?? []].flat().map(String);
  if (set.length) response.removeHeader(name);
  const at = args.findIndex((arg) => typeof arg === 'object' && arg !== null);
  if (at < 0) return { values: set, args };
  const headers = toObject(args[at]!);
  const values = take(headers, name);
  if (!values) return { values: set, args };
  return { values: [...values.map(String), ...set], args: args.with(at, headers) };
}
