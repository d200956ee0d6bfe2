/** What a browser says it is, as far as a user would recognise it. */
export interface UserAgent {
  readonly browser: string | undefined;
  readonly system: string | undefined;
}

/** What browsers and systems call themselves. Most call themselves by the names of others too, so the first row counts. */
const BROWSERS = [
  ['Edg', 'Edge'],
  ['OPR/', 'Opera'],
  ['SamsungBrowser/', 'Samsung Internet'],
  ['Firefox/', 'Firefox'],
  ['FxiOS/', 'Firefox'],
  ['CriOS/', 'Chrome'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
] as const;
const SYSTEMS = [
  ['iPhone', 'iOS'],
  ['iPad', 'iOS'],
  ['Android', 'Android'],
  ['Windows', 'Windows'],
  ['Mac OS X', 'macOS'],
  ['CrOS', 'ChromeOS'],
  ['Linux', 'Linux'],
] as const;

/** Letters that are read at most. */
const LONGEST = 512;

/** Returns the names of browser and system in a User-Agent header. Anybody can write anything there, so the names are for the
 *  user's eyes only. */
export function userAgentOf(header: string | undefined): UserAgent {
  const text = (header ?? '').slice(0, LONGEST);
  const nameIn = (rows: readonly (readonly [sign: string, name: string])[]) =>
    rows.find(([sign]) => text.includes(sign))?.[1];
  return { browser: nameIn(BROWSERS), system: nameIn(SYSTEMS) };
}
