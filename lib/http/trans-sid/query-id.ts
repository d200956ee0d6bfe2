/** Names of parameters as they stand in a query (WHATWG URL, application/x-www-form-urlencoded). */
export function isParameter(segment: string, name: string): boolean {
  const written = segment.split('=', 1)[0]!;
  return written === name || (/[%+]/.test(written) && decoded(written) === name);
}

function decoded(written: string): string | undefined {
  try {
    return decodeURIComponent(written.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

/** An address, or the path and query of one, without the id in its query: for logs, spans and whoever else shall not see
 *  it. The very text where there is none. `parameter`: as in `id.parameter`. */
export function withoutSessionId(address: string, parameter = 'sid'): string {
  const { before, segments, after } = splitQuery(address);
  const kept = segments.filter((segment) => !isParameter(segment, parameter));
  if (kept.length === segments.length) return address;
  return before + (kept.length ? `?${kept.join('&')}` : '') + after;
}

/** The first value of a parameter. */
export function parameterOf(address: string, parameter: string): string | undefined {
  const segment = splitQuery(address).segments.find((one) => isParameter(one, parameter));
  return segment === undefined ? undefined : (new URLSearchParams(segment).get(parameter) ?? undefined);
}

const NO_SEGMENTS: readonly string[] = [];

function splitQuery(address: string) {
  const hash = address.indexOf('#');
  const end = hash < 0 ? address.length : hash;
  const query = address.indexOf('?');
  if (query < 0 || query > end) return { before: address, segments: NO_SEGMENTS, after: '' };
  const segments = address.slice(query + 1, end).split('&');
  return { before: address.slice(0, query), segments, after: address.slice(end) };
}
