import { expect } from 'vitest';
import { readPhpIni } from 'nestjs-session-crypto/php';
import type { Outcome, PhpCase, Rule } from '../php-session.js';
import { NEVER_ADOPTED } from '../probe/differences.js';
import { isRefusal, refusalRule } from '../probe/faulty-settings.js';
import type { PhpRequest } from '../probe/php-request.js';
import { sharedApp, type ProbeApp, type Settings } from '../probe/probe-app.js';
import { compareResults, leftOutFor, outcomeOf, runCode } from '../probe/run-code.js';
import { compareCookies } from '../probe/set-cookie-lines.js';

interface SetCookieCase extends PhpCase {
  readonly ini: Settings;
  readonly request_cookie?: string | null;
  readonly code: string;
  readonly headers: readonly string[];
  readonly result: Readonly<Record<string, unknown>>;
  readonly new_ids?: Readonly<Record<string, { readonly len: number; readonly hex: boolean }>>;
}

/** Checks the cookie that a response sets. PHP's code runs on a session of this package. */
export async function checkSetCookie(vector: SetCookieCase): Promise<Outcome> {
  let settings = vector.ini;
  const start = (of: Settings) => {
    settings = of;
    return sharedApp(of, true);
  };
  try {
    return outcomeOf(await differences(vector, start));
  } catch (error) {
    if (isRefusal(error)) return refusalRule(error, settings);
    return leftOutFor(error);
  }
}

async function differences(vector: SetCookieCase, start: (settings: Settings) => Promise<ProbeApp>): Promise<Rule[]> {
  const { ini, code, request_cookie: cookie } = vector;
  if (!cookie || !isAdopted(vector)) {
    const ran = await runCode(code, ini, () => (cookie ? { headers: { cookie } } : {}), start);
    return compare(vector, ran, cookie ?? undefined);
  }
  const [name, given] = cookie.split('=') as [string, string];
  let known = { id: '', token: '' };
  const questionFor = async (app: ProbeApp) => {
    known = await app.begin({ before: 1 });
    return { headers: { cookie: `${name}=${known.token}` } };
  };
  const ran = await runCode(code, ini, questionFor, start);
  return [NEVER_ADOPTED, ...compare(vector, ran, known.token, new Map([[given, known.id]]))];
}

function compare(
  { headers, result, new_ids }: SetCookieCase,
  { answer, result: ours, php }: Awaited<ReturnType<typeof runCode>>,
  brought: string | undefined,
  known = new Map<string, string>(),
): Rule[] {
  if (!php.rules.size) compareResults(ours, result, known);
  compareNewIds(answer.headers, headers, nameOf(php), new_ids);
  return [
    ...php.rules,
    ...compareCookies(answer.headers, headers, {
      session: nameOf(php),
      brought,
      destroyed: php.destroyed,
      emptyPath: php.settings['session.cookie_path'] === '',
    }),
  ];
}

/** Checks that the id, which names PHP's file, has the form of PHP's ids. */
function compareNewIds(ours: readonly string[], theirs: readonly string[], name: string, newIds: SetCookieCase['new_ids']) {
  const valueIn = (lines: readonly string[]) =>
    lines.map((line) => new RegExp(`^set-cookie: ${name}=([^;]*)`, 'i').exec(line)?.[1]).find(Boolean);
  const meant = newIds?.[valueIn(theirs) ?? ''];
  if (!meant) return;
  const id = valueIn(ours)!;
  expect({ len: id.length, hex: /^[0-9a-f]*$/.test(id) }).toEqual(meant);
}

const nameOf = ({ settings }: PhpRequest): string => readPhpIni(settings, {}).settings['session.name'].value;

/** Reports whether PHP accepted the id of the request although it had no session. */
const isAdopted = ({ ini, request_cookie: cookie, code, result }: SetCookieCase): boolean =>
  ini['session.use_strict_mode'] !== '1' && !/session_id\("/.test(code) && Object.values(result).includes(cookie!.split('=')[1]);
