import { expect } from 'vitest';
import { CACHE_LIMITERS, cacheHeaders } from '../../../../lib/http/cache-headers.js';
import type { Outcome, PhpCase, Rule } from '../php-session.js';

interface CacheLimiterCase extends PhpCase {
  readonly ini: Readonly<Record<string, string>>;
  readonly code?: string;
  readonly headers: readonly string[];
}

const NO_LAST_MODIFIED: Rule = {
  name: 'no Last-Modified',
  reason:
    'PHP sends the time of its script file; here no file stands for a response, and ETag is for the framework',
};

const NOW = new Date('2024-01-02T03:04:05Z');

/** The headers that a limiter sends. What an application does beside it is for the tests of the module. */
export function checkCacheLimiter({ ini, code, headers }: CacheLimiterCase): Outcome {
  if (code !== undefined) return { leftOut: 'it needs code of an application in a request' };
  const expire = ini['session.cache_expire'] ?? '180';
  if (!/^-?\d+$/.test(expire)) return { leftOut: `what "${expire}" means is for the reader of php.ini` };
  const text = (ini['session.cache_limiter'] ?? 'nocache').toLowerCase();
  const limiter = CACHE_LIMITERS.find((name) => name === text) ?? 'none';
  const theirs = Object.fromEntries(headers.map(splitHeader));
  const { 'last-modified': modified, ...others } = theirs;
  expect(cacheHeaders(limiter, Number(expire), NOW)).toEqual(others);
  return modified === undefined ? 'same' : NO_LAST_MODIFIED;
}

function splitHeader(line: string): [name: string, value: string] {
  const colon = line.indexOf(': ');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2).replace(/^@now([+-]\d+)$/, inSeconds)];
}

const inSeconds = (_text: string, seconds: string): string =>
  new Date(NOW.getTime() + Number(seconds) * 1000).toUTCString();
