import type { Outcome, PhpCase } from '../php-session.js';
import { checkSetCookie } from './set-cookie.js';
import type { Settings } from '../probe/probe-app.js';

interface AutoStartCase extends PhpCase {
  readonly ini: Settings;
  readonly code: string;
  readonly headers: readonly string[];
  readonly result: Readonly<Record<string, unknown>>;
  readonly request_cookie?: string | null;
}

/** The session begins before the code. If a case does not list its cookie, the id that PHP accepted shows it. */
export function checkAutoStart(vector: AutoStartCase): Promise<Outcome> {
  const given = Object.values(vector.result).find((value) => String(value).startsWith('FIX'));
  const request_cookie = vector.request_cookie ?? (given === undefined ? null : `PHPSESSID=${String(given)}`);
  return checkSetCookie({ ...vector, request_cookie });
}
