/** Readers for the arguments of `writeHead`, `write` and `end`. Callers may omit some of them, so only the type of an
 *  argument tells its meaning. */

/** Returns the index of the headers among the arguments of a `writeHead`; -1 if the call passes none. */
export const indexOfHeaders = (args: readonly unknown[]): number =>
  args.findIndex((arg) => typeof arg === 'object' && arg !== null);

/** Returns the headers that a `writeHead` passes, in one of Node's three forms (see {@link toObject}). */
export const headersAmong = (args: readonly unknown[]): object | undefined =>
  args[indexOfHeaders(args)] as object | undefined;

/** Returns the callback of a `write` or `end`. */
export const callbackAmong = (args: readonly unknown[]): (() => void) | undefined =>
  args.find((arg) => typeof arg === 'function') as (() => void) | undefined;

/** One header's value as Node takes it. */
export type HeaderValue = string | number | readonly string[];
export type Headers = Record<string, HeaderValue>;

/** Returns headers as an object. `writeHead` takes an object, a list of names and values in turn, or a list of pairs. The
 *  result is a copy, so the caller's headers stay as they are. */
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
