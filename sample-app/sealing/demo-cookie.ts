/** The names of the demonstration's cookie, over https and over http. */
const NAMES = new Set(['__Host-sid-demo', 'sid-demo']);

/** The demonstration's cookie as a request brought it. Not yet verified. */
export interface DemoCookie {
  readonly name: string;
  readonly text: string;
}

/** Finds the cookie in a Cookie header; `undefined` if there is none, or if there are several, of which a page could show
 *  another one than the package opens. */
export function findDemoCookie(header = ''): DemoCookie | undefined {
  const found = header
    .split(';')
    .map((pair) => pair.trim().split('=', 2))
    .filter(([name]) => NAMES.has(name!));
  if (found.length !== 1) return undefined;
  const [name = '', text = ''] = found[0]!;
  return { name, text };
}
