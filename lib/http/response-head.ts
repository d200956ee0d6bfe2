import type { ServerResponse } from 'node:http';
import { nameOfLine } from './cookie.js';

/** What is added to a head just before it leaves. */
export interface HeadAdditions {
  /** Set-Cookie lines; each replaces whatever else sets its name. */
  readonly cookies: readonly string[];
  /** Headers for caches, set where the response has no Cache-Control of its own. */
  readonly defaults: Readonly<Record<string, string>>;
  /** Added to Vary, where it is not there. */
  readonly vary: string | undefined;
}

/** The part of a response that is needed here. */
type HeadHolder = Pick<ServerResponse, 'getHeader' | 'setHeader' | 'hasHeader'>;

type Headers = Record<string, string | number | readonly string[]>;

/** Adds to the head of `response`. `args` are those of a `writeHead` that is about to run; gives the arguments to run
 *  it with. Headers stand in both, and those of `writeHead` would replace what was set before. */
export function addToHead(response: HeadHolder, args: unknown[], additions: HeadAdditions): unknown[] {
  const { cookies, defaults, vary } = additions;
  if (!cookies.length && !vary) return args;
  const at = args.findIndex((arg) => typeof arg === 'object' && arg !== null);
  const passed = at < 0 ? {} : toObject(args[at]!);
  if (cookies.length) setCookies(response, passed, cookies);
  if (!has(response, passed, 'cache-control'))
    for (const [name, value] of Object.entries(defaults)) response.setHeader(name, value);
  if (vary) addVary(response, passed, vary);
  return at < 0 ? args : args.with(at, passed);
}

function setCookies(response: HeadHolder, passed: Headers, cookies: readonly string[]): void {
  const ours = new Set(cookies.map(nameOfLine));
  const others = [response.getHeader('set-cookie') ?? [], take(passed, 'set-cookie') ?? []]
    .flat()
    .map(String);
  response.setHeader('set-cookie', [...others.filter((line) => !ours.has(nameOfLine(line))), ...cookies]);
}

function addVary(response: HeadHolder, passed: Headers, name: string): void {
  const present = [take(passed, 'vary') ?? response.getHeader('vary') ?? []].flat().join(', ');
  const names = present.split(',').map((one) => one.trim().toLowerCase());
  if (names.includes('*') || names.includes(name.toLowerCase())) response.setHeader('vary', present);
  else response.setHeader('vary', present ? `${present}, ${name}` : name);
}

function has(response: HeadHolder, passed: Headers, name: string): boolean {
  return response.hasHeader(name) || Object.keys(passed).some((key) => key.toLowerCase() === name);
}

/** Takes a header out of those passed, in every spelling that it has there. */
function take(passed: Headers, name: string): string[] | undefined {
  const keys = Object.keys(passed).filter((one) => one.toLowerCase() === name);
  if (!keys.length) return undefined;
  const values = keys.flatMap((key) => passed[key] as string | string[]);
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
  const result: Headers = {};
  for (const [name, value] of pairs) {
    const before = result[name];
    result[name] = before === undefined ? value : ([before, value].flat() as string[]);
  }
  return result;
}
