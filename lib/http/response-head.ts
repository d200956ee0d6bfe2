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
 *  it with. Headers stand in both, and those of `writeHead` replace what was set before: so what is added goes there,
 *  where there is such an object. */
export function addToHead(response: HeadHolder, args: unknown[], additions: HeadAdditions): unknown[] {
  const { cookies, defaults, vary } = additions;
  if (!cookies.length && !vary) return args;
  const at = args.findIndex((arg) => typeof arg === 'object' && arg !== null);
  const passed = at < 0 ? undefined : toObject(args[at]!);
  const head = new Head(response, passed);
  if (cookies.length) setCookies(head, cookies);
  if (!head.has('cache-control')) for (const name in defaults) head.set(name, defaults[name]!);
  if (vary) addVary(head, vary);
  return passed ? args.with(at, passed) : args;
}

/** What was set on a response and what is passed to its `writeHead`, as one. */
class Head {
  constructor(
    private readonly response: HeadHolder,
    private readonly passed: Headers | undefined,
  ) {}

  has(name: string): boolean {
    return this.response.hasHeader(name) || (this.passed !== undefined && has(this.passed, name));
  }

  /** What was set. */
  get(name: string): string[] {
    return [this.response.getHeader(name) ?? []].flat().map(String);
  }

  /** What is passed, which then is no more. */
  take(name: string): string[] | undefined {
    return this.passed && take(this.passed, name);
  }

  set(name: string, value: string | string[]): void {
    if (this.passed) this.passed[name] = value;
    else this.response.setHeader(name, value);
  }
}

function setCookies(head: Head, cookies: readonly string[]): void {
  const ours = new Set(cookies.map(nameOfLine));
  const others = [...head.get('set-cookie'), ...(head.take('set-cookie') ?? [])];
  head.set('set-cookie', [...others.filter((line) => !ours.has(nameOfLine(line))), ...cookies]);
}

function addVary(head: Head, name: string): void {
  const present = (head.take('vary') ?? head.get('vary')).join(', ');
  const names = present.toLowerCase().split(/\s*,\s*/);
  if (names.includes('*') || names.includes(name.toLowerCase())) head.set('vary', present);
  else head.set('vary', present ? `${present}, ${name}` : name);
}

function has(passed: Headers, name: string): boolean {
  for (const key in passed) if (key.toLowerCase() === name) return true;
  return false;
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
