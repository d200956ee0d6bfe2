import { expect } from 'vitest';
import type { Rule } from '../php-session.js';
import { COOKIE_IS_CLEARED, LIFETIME_LIMIT, MAX_AGE_ALONE, PATH_IS_SAID, SAME_SITE_IS_SAID } from './differences.js';

interface CookieLine {
  readonly name: string;
  readonly value: string;
  /** The attributes by their names in lower case, because their order has no meaning. */
  readonly attributes: Map<string, string>;
}

export interface CookieExpectation {
  /** The names of cookies that a session of the case may have. */
  readonly session: string;
  /** The id of the request. A new id must differ from it. */
  readonly brought?: string | undefined;
  readonly destroyed?: boolean;
  readonly emptyPath?: boolean;
}

/** Compares the Set-Cookie lines of a response with PHP's, and returns the rules by which they differ. Throws for other
 *  differences. */
export function compareCookies(ours: readonly string[], theirs: readonly string[], meant: CookieExpectation): Rule[] {
  const rules: Rule[] = [];
  const expected = cookiesIn(theirs);
  const found = cookiesIn(ours).filter((line) => {
    const extra = meant.destroyed && isDeletion(line) && !expected.some(({ name }) => name === line.name);
    if (extra) rules.push(COOKIE_IS_CLEARED);
    return !extra;
  });
  expect(found.map(({ name }) => name).toSorted()).toEqual(expected.map(({ name }) => name).toSorted());
  for (const line of expected)
    rules.push(...compareLine(found.find(({ name }) => name === line.name)!, line, meant));
  return rules;
}

function compareLine(ours: CookieLine, theirs: CookieLine, meant: CookieExpectation): Rule[] {
  if (ours.name !== meant.session) {
    expect(ours).toEqual(theirs);
    return [];
  }
  if (isDeletion(theirs)) {
    expect(isDeletion(ours)).toBe(true);
    return [];
  }
  expect(ours.value).not.toBe('');
  if (theirs.value.startsWith('@')) expect(ours.value).not.toBe(meant.brought);
  expect(ours.attributes.get('priority')).toBe('High'); // ours always; PHP has no setting for it
  ours.attributes.delete('priority');
  const rules = [sameSite, maxAge, path].flatMap((level) => level(ours.attributes, theirs.attributes, meant) ?? []);
  expect(Object.fromEntries(ours.attributes)).toEqual(Object.fromEntries(theirs.attributes));
  return rules;
}

/** Removes an intended difference from both, and returns its rule. */
type Level = (
  ours: Map<string, string>,
  theirs: Map<string, string>,
  meant: CookieExpectation,
) => Rule | undefined;

const sameSite: Level = (ours, theirs) => {
  const said = theirs.get('samesite');
  if (said !== undefined) {
    theirs.set('samesite', said.toLowerCase());
    ours.set('samesite', ours.get('samesite')?.toLowerCase() ?? '');
    return undefined;
  }
  if (ours.get('samesite') !== 'Lax') return undefined;
  ours.delete('samesite');
  return SAME_SITE_IS_SAID;
};

/** The seconds for which browsers keep a cookie. */
const LONGEST = 400 * 86_400;

const maxAge: Level = (ours, theirs) => {
  const seconds = theirs.get('max-age');
  if (seconds === undefined || theirs.get('expires') !== `@now+${seconds}` || ours.has('expires')) return undefined;
  theirs.delete('expires');
  if (Number(seconds) <= LONGEST || ours.get('max-age') !== String(LONGEST)) return MAX_AGE_ALONE;
  theirs.set('max-age', String(LONGEST));
  return LIFETIME_LIMIT;
};

const path: Level = (ours, theirs, { emptyPath }) => {
  if (!emptyPath || theirs.has('path') || ours.get('path') !== '/') return undefined;
  ours.delete('path');
  return PATH_IS_SAID;
};

/** Returns PHP's lines with SameSite set, for sections that are about something else. */
export const LAX = { 'session.cookie_samesite': 'Lax' };
export const withLax = (headers: readonly string[]): string[] => headers.map((line) => `${line}; SameSite=Lax`);

const isDeletion = ({ attributes }: CookieLine): boolean => attributes.get('max-age') === '0';

function cookiesIn(headers: readonly string[]): CookieLine[] {
  return headers
    .filter((line) => /^set-cookie: /i.test(line))
    .map((line) => {
      const [pair, ...attributes] = line.slice(line.indexOf(' ') + 1).split('; ');
      const [name, value] = halves(pair!);
      return { name, value, attributes: new Map(attributes.map((one) => [halves(one)[0].toLowerCase(), halves(one)[1]])) };
    });
}

function halves(text: string): [string, string] {
  const equals = text.indexOf('=');
  return equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
}
