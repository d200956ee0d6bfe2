import { expect } from 'vitest';
import type { Outcome, PhpCase, Rule } from '../php-session.js';
import { NEVER_ADOPTED, TWO_IDS } from '../probe/differences.js';
import { isRefusal, refusalRule } from '../probe/faulty-settings.js';
import { sharedApp, type ProbeApp, type Question } from '../probe/probe-app.js';
import { visitOnce } from '../probe/visit.js';
import { outcomeOf } from '../probe/run-code.js';
import { compareCookies, LAX, withLax } from '../probe/set-cookie-lines.js';

interface IdSourcesCase extends PhpCase {
  /** An empty list means no fields. */
  readonly request: Sent | readonly never[];
  readonly use_cookies: 0 | 1;
  readonly use_only_cookies: 0 | 1;
  readonly strict: 0 | 1;
  readonly result: { readonly sid: string };
  readonly headers: readonly string[];
}

interface Sent {
  readonly cookie?: string;
  readonly get?: string;
  readonly post?: string;
  readonly ctype?: string;
  readonly uri?: string;
}

/** Checks which of several ids is accepted: once with unknown ids, once with ids of existing sessions. */
export async function checkIdSources(vector: IdSourcesCase): Promise<Outcome> {
  const settings = {
    ...LAX,
    'session.use_cookies': String(vector.use_cookies),
    'session.use_only_cookies': String(vector.use_only_cookies),
    'session.use_strict_mode': String(vector.strict),
  };
  try {
    return outcomeOf(await differences(vector, await sharedApp(settings)));
  } catch (error) {
    if (isRefusal(error)) return refusalRule(error, settings);
    throw error;
  }
}

async function differences(vector: IdSourcesCase, app: ProbeApp): Promise<Rule[]> {
  const { request, headers, result, strict } = vector;
  const sent: Sent = Array.isArray(request) ? {} : (request as Sent);
  const asked = await visitOnce(app, questionOf(sent));
  expect(asked.isNew).toBe(true);
  const adopted = !result.sid.startsWith('@');
  if (adopted && isTwice(sent)) return [TWO_IDS];
  if (!strict) expect(await chosen(app, sent)).toBe(adopted ? result.sid : undefined);
  if (adopted && !strict) return [NEVER_ADOPTED];
  expect(adopted).toBe(false);
  if (!vector.use_cookies) expect(asked.told.get('x-session-id')).toMatch(/./);
  const brought = /PHPSESSID=(.*)/.exec(sent.cookie ?? '')?.[1];
  return compareCookies(asked.headers, withLax(headers), { session: 'PHPSESSID', brought });
}

/** Reports whether one source has two ids. */
const isTwice = ({ cookie, get, post }: Sent): boolean =>
  [cookie, get, post].some((text) => (text?.match(/\bPHPSESSID=/g)?.length ?? 0) > 1);

/** Returns the id of the case whose session a request gets, if each id has a session. */
async function chosen(app: ProbeApp, sent: Sent): Promise<string | undefined> {
  let text = JSON.stringify(sent);
  for (const id of new Set(text.match(/FIX\w+/g))) {
    const { token } = await app.begin({ id });
    text = text.replaceAll(id, token);
  }
  const { data } = await visitOnce(app, questionOf(JSON.parse(text) as Sent));
  return data['id'] as string | undefined;
}

/** The header that a browser sends from a page of the same site. Without it, no id in a link or form is accepted. */
function questionOf({ cookie, get, post, ctype, uri }: Sent): Question {
  const type = ctype ?? 'application/x-www-form-urlencoded';
  return {
    method: post === undefined ? 'GET' : 'POST',
    path: (uri ?? '/probe.php') + (get === undefined ? '' : `?${get}`),
    headers: {
      'sec-fetch-site': 'same-origin',
      ...(cookie !== undefined && { cookie }),
      ...(post !== undefined && { 'content-type': type, 'content-length': String(Buffer.byteLength(post)) }),
    },
    ...(post !== undefined && { body: post }),
  };
}
