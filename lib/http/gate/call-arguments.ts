/** Readers for the arguments of `writeHead`, `write` and `end`. Callers may omit some of them, so the type of an argument
 *  helps to tell its meaning. */

/** Returns the headers that a `writeHead` passes, in one of Node's three forms (see {@link toObject}). As in Node, the
 *  third argument wins over the second, which may be the status text, headers, or nothing. */
export const headersAmong = ([, second, third]: readonly unknown[]): object | undefined =>
  objectOf(third) ?? objectOf(second);

const objectOf = (value: unknown): object | undefined =>
  typeof value === 'object' && value !== null ? value : undefined;

/** Returns the arguments of a `writeHead` with other headers, and without what stands in their place: `compression` and
 *  others that patch `writeHead` ignore headers that follow an `undefined` status text. */
export const withHeaders = ([status, text]: readonly unknown[], headers: object): unknown[] =>
  typeof text === 'string' ? [status, text, headers] : [status, headers];

/** Returns the callback of a `write` or `end`. */
export const callbackAmong = (args: readonly unknown[]): (() => void) | undefined =>
  args.find((arg) => typeof arg === 'function') as (() => void) | undefined;

/** One header's value as Node takes it. */
export type HeaderValue = string | number | readonly string[];
export type Headers = Record<string, HeaderValue>;

/** Returns headers as an object. `writeHead` takes an object, a list of names and values in turn, or a list of pairs. The
 *  result is a copy, so the caller's headers stay as they are. A name without a value, at the end of a list, gets
 *  `undefined`, which Node refuses. */
export function toObject(headers: object): Headers {
  if (!Array.isArray(headers)) return { ...(headers as Headers) };
  const pairs: [string, string][] = Array.isArray(headers[0])
    ? (headers as [string, string][])
    : Array.from({ length: Math.ceil(headers.length / 2) }, (_, i) => [
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
