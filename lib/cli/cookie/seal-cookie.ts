import { nearestName } from '../../errors/nearest-name.js';
import { SessionTooLargeError } from '../../errors/session-state.error.js';
import type { Cookie } from '../../http/cookie.js';
import type { CookieEndpoint } from '../../manager/cookie-endpoint.js';
import type { SessionManager } from '../../manager/session-manager.js';
import { parseJsonObject } from '../../record/json-value.js';
import type { JsonObject } from '../../record/session-data.interface.js';
import { isEmptyRecord } from '../../record/session-record.js';
import { sessionRecordOf } from '../../record/wanted-session.js';
import type { CommandIo } from '../command-io.interface.js';
import { CommandError } from '../command.error.js';
import { EXIT } from '../exit-codes.js';
import { withSessions, type SessionFlags } from '../open-sessions.js';
import { cleanText, jsonOf } from '../printable.js';
import { UsageError } from '../usage.error.js';
import { wholeNumberOf } from '../whole-number.js';
import { readInput } from './read-input.js';

/** The flags of `seal`. */
export interface SealFlags extends SessionFlags {
  readonly plain?: boolean;
  readonly context?: string;
  readonly create?: boolean;
  readonly value?: boolean;
  readonly json?: boolean;
}

/** Bytes of JSON that are read. */
const MAX_JSON = 2 ** 20;
const MEMBERS = ['subject', 'data'] as const;

/** Makes a session of the JSON on standard input, and prints its cookie. Whoever has the cookie has the session. */
export async function sealInput(io: CommandIo, flags: SealFlags): Promise<number> {
  const context =
    flags.context === undefined ? undefined : wholeNumberOf('--context', flags.context, [0, 9999]);
  const wanted = readWanted(await readInput(io, { what: 'the JSON of a session', limit: MAX_JSON }));
  return withSessions(
    flags,
    async ({ manager }) => {
      const { cookie, repository, timeouts } = endpointOf(manager, context, flags);
      const record = sessionRecordOf(wanted, repository.now(), timeouts);
      if (isEmptyRecord(record))
        throw new CommandError(
          EXIT.data,
          'an empty session is never stored; give it a subject, data, or both',
        );
      repository.check?.(record);
      const entry = await store(() => repository.create(repository.identity(record), record));
      print(io, cookie, repository.cookieValue(entry), flags);
      return EXIT.ok;
    },
    true,
  );
}

function print(io: CommandIo, cookie: Cookie, value: string, flags: SealFlags): void {
  const line = cookie.set(value);
  if (flags.json) io.out(jsonOf({ name: cookie.name, value, setCookie: line }));
  else io.out(`${flags.value ? value : line}\n`);
  if (io.interactive) io.err('whoever has this cookie has the session: treat it as a password\n');
}

/** Returns the way of the cookie. Throws a CommandError where a cookie alone is no session. */
function endpointOf(
  { profiles }: SessionManager,
  context: number | undefined,
  { plain, create }: SealFlags,
): CookieEndpoint {
  const profile = profiles[context === undefined ? 0 : context + 1];
  if (!profile)
    throw new UsageError(
      `--context is "${context}", and the options have ${profiles.length - 1} contexts, numbered from 0`,
    );
  const endpoint = profile.endpoints.find(({ cookie }) => cookie.secure === !plain);
  if (!endpoint)
    throw new UsageError(
      plain
        ? 'these options have no cookie for plain http (cookie.secure is true); leave --plain out'
        : 'these options have a cookie for plain http only (cookie.secure is false); write --plain',
    );
  refuseStore(profile.store, create === true);
  return endpoint;
}

function refuseStore({ kind, rows, foreign }: SessionManager['base']['store'], create: boolean): void {
  if (foreign)
    throw new UsageError(
      `the store "${kind}" belongs to another program too, whose sessions begin there; let it make the session`,
    );
  if (rows && !create)
    throw new UsageError(
      `the store "${kind}" keeps sessions on the server, so a cookie without a stored session is worth nothing; write --create to store one, as a login does`,
    );
  if (!rows && create)
    throw new UsageError(
      '--create is for stores on the server, and here the cookie is the session; leave it out',
    );
}

/** Reads what the session is to be. */
function readWanted(text: string): { subject?: string; data?: JsonObject } {
  const json = parseJsonObject(text);
  if (!json)
    throw new CommandError(
      EXIT.data,
      'standard input is no JSON object, or nests too deep; write such as {"subject":"42","data":{"cart":[]}}',
    );
  const wrong = Object.keys(json).find((key) => !MEMBERS.some((one) => one === key));
  if (wrong !== undefined) throw new CommandError(EXIT.data, unknownMember(wrong));
  const { subject, data } = json;
  if (subject !== undefined && typeof subject !== 'string')
    throw new CommandError(EXIT.data, '"subject" is no text; write it in quotes, also where it is a number');
  if (data !== undefined && (typeof data !== 'object' || data === null || Array.isArray(data)))
    throw new CommandError(EXIT.data, '"data" is no object; write such as {"data":{"cart":[]}}');
  return { ...(subject !== undefined && { subject }), ...(data && { data: data as JsonObject }) };
}

function unknownMember(key: string): string {
  const meant = nearestName(key.slice(0, 40), MEMBERS);
  const guess = meant ? `is "${meant}" meant?` : `put values below "data"`;
  return `the JSON has the member "${cleanText(key, 40)}"; allowed are ${MEMBERS.join(' and ')}; ${guess}`;
}

/** Says what an operator can do about a session that is too large, or one too many. */
async function store<R>(create: () => R | Promise<R>): Promise<R> {
  try {
    return await create();
  } catch (error) {
    const { code } = Object(error) as { code?: unknown };
    if (code === 'ERR_SESSION_LIMIT') throw new CommandError(EXIT.temporary, FULL);
    if (code !== 'ERR_SESSION_TOO_LARGE') throw error;
    const message = error instanceof SessionTooLargeError ? error.messageForLog : (error as Error).message;
    throw new CommandError(
      EXIT.data,
      `${message.charAt(0).toLowerCase()}${message.slice(1)}; store less, or use a server store`,
    );
  }
}

const FULL =
  'the subject has as many sessions as session.maxPerSubject allows; end one of them by "session-crypto sessions revoke"';
