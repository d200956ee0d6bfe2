type Pattern = readonly [name: string, pattern: RegExp];

/** The first match counts: many browsers also claim to be Chrome, and Chrome claims to be Safari. */
const BROWSERS: readonly Pattern[] = [
  ['Edge', /\bEdg(?:e|A|iOS)?\//],
  ['Opera', /\b(?:OPR|OPiOS)\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(?:Firefox|FxiOS)\//],
  ['Chrome', /\b(?:Chrome|HeadlessChrome|CriOS)\//],
  ['Safari', /\bVersion\/[\d.]+ .*\bSafari\//],
  ['curl', /^curl\//],
];

/** iPhones also say "Mac OS X", and Android says "Linux". */
const SYSTEMS: readonly Pattern[] = [
  ['iPhone', /\biPhone\b/],
  ['iPad', /\biPad\b/],
  ['Android', /\bAndroid\b/],
  ['Windows', /\bWindows\b/],
  ['macOS', /\bMac(?:intosh| OS X)\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['Linux', /\bLinux\b/],
];

/** Reads a User-Agent header as coarsely as a list of devices needs it: "Firefox on Linux". The answer holds no text of
 *  the header's own. */
export function deviceName(userAgent = ''): string {
  const system = find(SYSTEMS, userAgent);
  const browser = find(BROWSERS, userAgent) ?? 'Unknown browser';
  return system ? `${browser} on ${system}` : browser;
}

const find = (patterns: readonly Pattern[], userAgent: string): string | undefined =>
  patterns.find(([, pattern]) => pattern.test(userAgent))?.[0];
