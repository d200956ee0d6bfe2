/** Reports whether a segment of a query (`name` or `name=value`) has the parameter's name, however it is encoded (WHATWG
 *  URL §5, application/x-www-form-urlencoded). */
export function isParameter(segment: string, name: string): boolean {
  const written = segment.split('=', 1)[0]!;
  return written === name || (/[%+]/.test(written) && decode(written) === name);
}

function decode(written: string): string | undefined {
  try {
    return decodeURIComponent(written.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

/** Returns a URL, or a path with query, without the id in its query: for logs, traces and everybody else who must not see
 *  it. Returns the same text if there is no id. `parameter` is the option `id.parameter`. */
export function withoutSessionId(address: string, parameter = 'sid'): string {
  const { before, segments, after } = splitQuery(address);
  const kept = segments.filter((segment) => !isParameter(segment, parameter));
  if (kept.length === segments.length) return address;
  return before + (kept.length ? `?${kept.join('&')}` : '') + after;
}

/** Returns the first value of a parameter in a URL's query, decoded. */
export function parameterOf(address: string, parameter: string): string | undefined {
  const segment = splitQuery(address).segments.find((one) => isParameter(one, parameter));
  return segment === undefined ? undefined : (new URLSearchParams(segment).get(parameter) ?? undefined);
}

const NO_SEGMENTS: readonly string[] = [];

/** Splits a URL into the part before the `?`, the segments of the query, and the fragment. */
function splitQuery(address: string) {
  const hash = address.indexOf('#');
  const end = hash < 0 ? address.length : hash;
  const query = address.indexOf('?');
  if (query < 0 || query > end) return { before: address, segments: NO_SEGMENTS, after: '' };
  const segments = address.slice(query + 1, end).split('&');
  return { before: address.slice(0, query), segments, after: address.slice(end) };
}
