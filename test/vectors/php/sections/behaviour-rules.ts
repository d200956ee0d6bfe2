import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { PHP_SERIALIZERS } from 'nestjs-session-crypto/php';
import type { Outcome, Rule } from '../php-session.js';
import { COOKIE_IS_NOT_RESENT, IDS_ARE_MADE_HERE, NEVER_ADOPTED, NO_WAITING, NOTHING_IS_LOST } from '../probe/differences.js';
import { publicIdOf } from '../probe/php-files.js';
import { outcomeOf, type Ran } from '../probe/run-code.js';
import { compareCookies, withLax } from '../probe/set-cookie-lines.js';
import { hasExpired, isAdopted, isUnreadable } from './behaviour-setup.js';
import type { BehaviourCase } from './behaviour-case.js';

/** One result of the script that differs from the result in PHP. */
interface Difference {
  readonly code: string;
  readonly theirResult: Readonly<Record<string, unknown>>;
  readonly key: string;
  readonly ours: unknown;
  readonly theirs: unknown;
  /** The results up to here. */
  readonly found: ReadonlySet<Rule>;
}

interface ResultRule extends Rule {
  covers(difference: Difference): boolean;
}

type Files = Readonly<Record<string, string>>;
const isFiles = (value: unknown): value is Files =>
  typeof value === 'object' && value !== null && Object.keys(value).every((key) => key.startsWith('sess_'));

/** The variables of files, without regard to their order. */
const entriesOf = (files: Files): unknown =>
  Object.entries(files).map(([name, text]) => {
    const session = PHP_SERIALIZERS.php.decode(Buffer.from(text));
    return [name, typeof session === 'string' ? text : new Set(session)];
  });

const RESULT_RULES: readonly ResultRule[] = [
  {
    ...NOTHING_IS_LOST,
    covers: ({ found, theirs }) =>
      found.has(NOTHING_IS_LOST) && isFiles(theirs) && Object.values(theirs).every((text) => text === ''),
  },
  {
    ...IDS_ARE_MADE_HERE,
    covers: ({ found, key, ours }) => found.has(IDS_ARE_MADE_HERE) && key === 'start' && ours === true,
  },
  {
    name: 'a replaced id leads nowhere',
    reason:
      'PHP keeps the old file beside the new one, without limit, and fills the new one at the end; here the new one is whole before the old one goes',
    covers: ({ code, ours, theirs }) =>
      code.includes('session_regenerate_id(') &&
      isFiles(ours) &&
      isFiles(theirs) &&
      Object.keys(ours).length === 1 &&
      Object.entries(ours).every(([name, text]) => theirs[name] === text || theirs[name] === ''),
  },
  {
    name: 'unchanged variables keep their order',
    reason: 'PHP writes variables in the order in which a script has set them; here an unchanged value is not moved',
    covers: ({ ours, theirs }) =>
      isFiles(ours) && isFiles(theirs) && isDeepStrictEqual(entriesOf(ours), entriesOf(theirs)),
  },
  {
    ...NO_WAITING,
    covers: ({ code, ours, theirs }) => code.includes('flock(') && ours === true && theirs === false,
  },
  {
    name: 'expired sessions are removed after the response',
    reason: 'PHP removes them while the visitor waits, and may remove the session that it has just read',
    covers: ({ code, key, ours, theirs }) =>
      /^\w_left$/.test(key) && !code.includes('session_gc(') && ours === true && theirs === false,
  },
  {
    name: 'sessions in levels of folders are removed too',
    reason: 'PHP removes nothing where session.save_path has folders; here all of them are searched',
    covers: ({ key, ours, theirs }) =>
      (key === 'ret' && theirs === false && typeof ours === 'number') ||
      (key === 'old_left' && theirs === true && ours === false),
  },
  {
    name: 'a text that cannot be read changes nothing',
    reason: 'PHP ends the session if session_decode() gets a broken text; here the session stays as it is',
    covers: ({ code, theirResult }) => code.includes('session_decode(') && theirResult['dec'] === false,
  },
];

/** The modes of files, without their names. */
const modesOf = (files: unknown): number[] =>
  isFiles(files) ? Object.values(files).map((mode) => parseInt(mode, 8)) : [];
/** A session.save_path whose mode lets other users do something. */
const OPEN_MODE = /^0;0?[67][0-7][1-7];/;

/** The rules for whole cases in which PHP continues a session that is none here, so that a new one begins. */
const BEGINS_ANEW: readonly (Rule & { covers(vector: BehaviourCase): boolean })[] = [
  {
    name: 'an expired session has ended',
    reason: 'PHP accepts an expired session until it is removed; here the timeouts are checked at each request',
    covers: hasExpired,
  },
  {
    name: 'a file that cannot be read is no session',
    reason: 'PHP deletes the file of another serializer and fails; here the visitor gets a new session and the file stays',
    covers: isUnreadable,
  },
  {
    name: 'a link is no session',
    reason: 'PHP fails if a symbolic link is in the place of a file; here the visitor gets a new session',
    covers: ({ messages }) => messages.some((one) => one.includes('symbolic links')),
  },
  {
    name: 'an ended id is not accepted again',
    reason: 'PHP accepts the id of a session that the same request has destroyed; here the next session gets a new id',
    covers: ({ code, result }) => code.includes('session_destroy()') && result['same_id'] === true,
  },
  {
    name: 'other users have no access',
    reason:
      'PHP adopts an id and makes a file that every user can read if session.save_path says so; here the file of the new session has no such mode',
    covers: ({ setup, ini }) => setup === null && OPEN_MODE.test(ini['session.save_path'] ?? ''),
  },
];

export function compareBehaviour(vector: BehaviourCase, ran: Ran): Outcome {
  const anew = BEGINS_ANEW.find((rule) => rule.covers(vector));
  if (anew) return begunAnew(vector, ran) ?? anew;
  const rules = isAdopted(vector) ? [NEVER_ADOPTED] : [];
  return outcomeOf([...rules, ...resultRules(vector, ran), ...cookieRules(vector, ran), ...ran.php.rules]);
}

function begunAnew({ cookie_id, result: theirs }: BehaviourCase, { result, answer }: Ran): undefined {
  expect(modesOf(result['modes'])).toEqual(modesOf(theirs['modes']).map((mode) => mode & 0o660));
  for (const [key, value] of Object.entries({ start: true, same_id: false, vars: [] }))
    if (key in result) expect(result[key], key).toEqual(value);
  const fresh = withLax(['Set-Cookie: PHPSESSID=@new; path=/']);
  compareCookies(answer.headers, fresh, { session: 'PHPSESSID', brought: cookie_id ?? undefined });
}

function resultRules(vector: BehaviourCase, { result, php }: Ran): Rule[] {
  const theirResult = withOurIds(vector, result);
  return Object.entries(theirResult).flatMap(([key, theirs]) => {
    const ours = result[key];
    if (isDeepStrictEqual(ours, theirs)) return [];
    const difference = { code: vector.code, theirResult, key, ours, theirs, found: php.rules };
    const rule = RESULT_RULES.find((one) => one.covers(difference));
    if (rule) return [rule];
    throw new Error(
      `${key} differs${[...php.rules].map(({ name }) => ` (${name})`).join('')}\nours:   ${JSON.stringify(ours)}\ntheirs: ${JSON.stringify(theirs)}`,
    );
  });
}

/** Returns PHP's result with public ids of this package in the place of PHP's ids. */
function withOurIds({ cookie_id, result }: BehaviourCase, ours: Readonly<Record<string, unknown>>) {
  const ids = new Map(cookie_id === null ? [] : [[cookie_id, publicIdOf(cookie_id)]]);
  for (const [key, value] of Object.entries(result))
    if (/^@id\d+$/.test(String(value))) ids.set(String(value), String(ours[key]));
  const text = [...ids].reduce((all, [name, id]) => all.replaceAll(name, id), JSON.stringify(result));
  return JSON.parse(text) as Record<string, unknown>;
}

function cookieRules({ headers, cookie_id }: BehaviourCase, { answer, php }: Ran): Rule[] {
  const meant = { session: 'PHPSESSID', brought: cookie_id ?? undefined, destroyed: php.destroyed };
  const resent = headers.filter((line) => cookie_id !== null && line.includes(`=${cookie_id};`));
  const others = withLax(headers.filter((line) => !resent.includes(line)));
  return [...compareCookies(answer.headers, others, meant), ...resent.map(() => COOKIE_IS_NOT_RESENT)];
}
