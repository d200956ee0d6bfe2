import { expect } from 'vitest';
import type { Outcome, PhpCase, Rule } from '../php-session.js';
import { OPTIONS_ARE_FIXED } from '../probe/differences.js';
import { isRefusal, refusalRule } from '../probe/faulty-settings.js';
import { sharedApp, type Answer, type ProbeApp, type Settings } from '../probe/probe-app.js';
import { leftOutFor, runCode } from '../probe/run-code.js';

interface CacheLimiterCase extends PhpCase {
  readonly ini: Settings;
  readonly code?: string;
  readonly headers: readonly string[];
}

const NO_LAST_MODIFIED: Rule = {
  name: 'no Last-Modified',
  reason:
    'PHP sends the time of its script file; here no file stands for a response, and ETag is for the framework',
};

const HANDLERS_WORD: Rule = {
  name: "a handler's own Cache-Control counts alone",
  reason: "PHP leaves its other cache headers beside the script's; here none contradicts what the handler said",
};

/** The headers for caches. The session exists already, because a response with a new cookie is never public here. */
export async function checkCacheLimiter({ ini, code, headers }: CacheLimiterCase): Promise<Outcome> {
  let settings = ini;
  const start = (of: Settings) => sharedApp((settings = of));
  try {
    const questionFor = async (app: ProbeApp) => ({
      headers: { cookie: `PHPSESSID=${(await app.begin({ before: 1 })).token}` },
    });
    const { answer, php } = await runCode(code ?? 'session_start();', ini, questionFor, start);
    if (php.rules.has(OPTIONS_ARE_FIXED)) return OPTIONS_ARE_FIXED;
    return compare(answer, headers, /\bheader\("Cache-Control:/i.test(code ?? ''));
  } catch (error) {
    return isRefusal(error) ? refusalRule(error, settings) : leftOutFor(error);
  }
}

function compare(answer: Answer, headers: readonly string[], own: boolean): Outcome {
  const ours = cacheHeadersIn(answer.headers);
  const { 'last-modified': modified, ...theirs } = cacheHeadersIn(headers);
  expectSameMoment(ours, theirs);
  if (own) expect(ours).toEqual({ 'cache-control': lastOf(theirs['cache-control']!) });
  if (own) return HANDLERS_WORD;
  expect(ours).toEqual(theirs);
  return modified === undefined ? 'same' : NO_LAST_MODIFIED;
}

const lastOf = (values: string): string => values.split('\n').at(-1)!;

/** Removes a time that is relative to the request from both results. */
function expectSameMoment(ours: Record<string, string>, theirs: Record<string, string>): void {
  const seconds = /^@now([+-]\d+)$/.exec(theirs['expires'] ?? '')?.[1];
  if (seconds === undefined) return;
  const meant = Date.now() + Number(seconds) * 1000;
  expect(Math.abs(Date.parse(ours['expires']!) - meant)).toBeLessThan(5000);
  delete ours['expires'];
  delete theirs['expires'];
}

/** Headers by their names in lower case. Several with one name are joined by newlines. */
function cacheHeadersIn(lines: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of lines) {
    const [, name, value] = /^(cache-control|expires|pragma|last-modified): (.*)$/i.exec(line) ?? [];
    if (name) found[name.toLowerCase()] = [found[name.toLowerCase()], value].filter(Boolean).join('\n');
  }
  return found;
}
