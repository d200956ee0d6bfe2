import { expect } from 'vitest';
import type { Outcome, PhpCase, Rule } from '../php-session.js';
import { OWN_PAGES_ONLY } from '../probe/differences.js';
import { sharedApp, type Question } from '../probe/probe-app.js';
import { visitOnce } from '../probe/visit.js';

interface RefererCheckCase extends PhpCase {
  readonly referer_check: string;
  readonly referer: string | null;
  readonly id_from: 'cookie' | 'get' | 'post';
  readonly use_only_cookies: 0 | 1;
  readonly script_mentions_SERVER: boolean;
  readonly id_kept: boolean;
}

const COOKIES_NEED_NO_REFERER: Rule = {
  name: 'a cookie needs no referer',
  reason:
    'PHP drops the id of a cookie too, which ends sessions by a link from elsewhere; SameSite and SessionCsrfGuard are for that',
};

const ALWAYS_CHECKED: Rule = {
  name: 'the check is never skipped',
  reason: 'PHP did not look at the referer, since the script does not name $_SERVER; here it is always looked at',
};

const ORIGINS_COMPARED: Rule = {
  name: 'an origin is compared as a whole',
  reason: 'PHP found the origin inside the address of another site; here it is compared with the origin of the referer',
};

/** Checks which requests keep the session whose id they bring. */
export async function checkRefererCheck(vector: RefererCheckCase): Promise<Outcome> {
  const app = await sharedApp({
    'session.referer_check': vector.referer_check,
    'session.use_only_cookies': String(vector.use_only_cookies),
  });
  const { token } = await app.begin({ mine: true });
  const isKept = async (headers: Record<string, string>) =>
    (await visitOnce(app, questionOf(vector, token, headers))).data['mine'] === true;
  const kept = await isKept({});
  if (kept === vector.id_kept) return 'same';
  const rule = ruleFor(vector, kept);
  if (rule === OWN_PAGES_ONLY) expect(await isKept({ 'sec-fetch-site': 'same-origin' })).toBe(true);
  return rule;
}

function ruleFor(vector: RefererCheckCase, kept: boolean): Rule {
  const { id_from, referer, referer_check: check, script_mentions_SERVER, use_only_cookies } = vector;
  if (id_from === 'cookie' && kept && referer && check && !referer.includes(check)) return COOKIES_NEED_NO_REFERER;
  const isLink = id_from !== 'cookie' && !use_only_cookies && !kept;
  if (isLink && (!referer || !check)) return OWN_PAGES_ONLY;
  if (isLink && !script_mentions_SERVER && !referer!.includes(check)) return ALWAYS_CHECKED;
  const isInside = referer?.includes(check) && !referer.startsWith(check);
  if (isLink && isInside && /^https?:/.test(check)) return ORIGINS_COMPARED;
  throw new Error(`the id is ${kept ? '' : 'not '}kept`);
}

function questionOf({ id_from, referer }: RefererCheckCase, token: string, more: Record<string, string>): Question {
  const headers = { ...more, ...(referer !== null && { referer }) };
  const pair = `PHPSESSID=${token}`;
  const form = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(pair.length) };
  const QUESTIONS: Readonly<Record<RefererCheckCase['id_from'], Question>> = {
    cookie: { headers: { ...headers, cookie: pair } },
    get: { path: `/probe.php?${pair}`, headers },
    post: { method: 'POST', headers: { ...headers, ...form }, body: pair },
  };
  return QUESTIONS[id_from];
}
