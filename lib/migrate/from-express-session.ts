import type { MigrationParts } from '../persistence/session-format.interface.js';
import { kindOf } from '../errors/session-config.error.js';
import type { RejectReason } from '../errors/envelope.error.js';
import { SessionStoreError } from '../errors/session-store.error.js';
import { askConnectStore, type ConnectSession } from '../express/connect-store.js';
import type { OptionReader } from '../options/option-reader.js';
import type { ConvertedSession } from '../persistence/converted-session.interface.js';
import type { JsonObject } from '../record/session-data.interface.js';
import { ForeignFormat, type TextOpener } from './foreign.format.js';
import type { ExpressSessionMigration, SessionSource } from './options.interface.js';
import { readOptions, resolveMigration, resolveSecrets } from './resolve-options.js';
import { decodeValue, isSigned, parseData } from './text.js';

/** Characters of the longest id that is read. */
const MAX_ID = 1024;
/** `s:`, an id of one character, a dot, and the base64 of an HMAC-SHA-256. */
const SHORTEST = 47;

/** Returns the sessions of express-session, for `crypto.accept`: the cookie is `s:` id `.` HMAC-SHA-256(secret, id), and
 *  a store has the session. The start reports wrong options. */
export function fromExpressSession(options: ExpressSessionMigration): ForeignFormat {
  const [resolved, faults] = readOptions(options, (reader) => ({
    ...resolveMigration(reader, 'connect.sid'),
    secrets: resolveSecrets(reader, 'secret'),
    store: resolveStore(reader),
    removeRow: reader.choice('removeRow', true, [true, false]),
    keep: reader.choice('keep', false, [true, false]),
  }));
  const { secrets, store, removeRow, keep, source, ...migration } = resolved;
  return new ForeignFormat({
    ...migration,
    source: { ...source, keep },
    name: 'express-session',
    faults,
    secrets: { option: 'secret', shortest: Math.min(...secrets.map(({ length }) => length)) },
    weakness:
      'the id in the cookie is a key of the store, where the session is readable, and who can write there makes sessions',
    equalParameters: [],
    shortest: SHORTEST,
    start: () => opener(secrets, store, removeRow),
  });
}

function resolveStore(reader: OptionReader): SessionSource | 'converted' {
  const store = reader.take('store');
  if (store === 'converted') return store;
  const missing = (['get', 'destroy'] as const).filter(
    (name) => typeof (Object(store) as Partial<SessionSource>)[name] !== 'function',
  );
  if (missing.length)
    reader.addFault(
      'store',
      `is ${kindOf(store)} without the methods ${missing.join(', ')}; pass the store that express-session uses, such as new RedisStore({ client }), or 'converted' once session-crypto convert has stored all of its sessions`,
    );
  return store as SessionSource;
}

function opener(
  secrets: readonly Uint8Array[],
  store: SessionSource | 'converted',
  removeRow: boolean,
): TextOpener {
  return (text, parts) => {
    const value = decodeValue(text);
    if (!value?.startsWith('s:')) return 'encoding';
    const dot = value.lastIndexOf('.');
    const id = value.slice(2, Math.max(2, dot));
    if (!id || id.length > MAX_ID) return 'length';
    if (!isSigned('sha256', secrets, id, value.slice(dot + 1), 'base64')) return 'tag';
    if (store === 'converted') return { origin: id, data: async (converted) => dataOf(converted, parts) };
    return {
      origin: id,
      data: () => load(store, id, parts),
      remove: removeRow ? () => remove(store, id, parts) : undefined,
    };
  };
}

/** Loads a session. Whether it is alive, only the store knows: when a request only moves its end, `cookie.expires` in its data stays
 *  as it was, in connect-pg-simple, connect-redis and connect-typeorm alike. express-session does not read it either. */
async function load(
  store: SessionSource,
  id: string,
  parts: MigrationParts,
): Promise<JsonObject | RejectReason> {
  const stored = await inTime('load', parts, () =>
    askConnectStore<ConnectSession | null>('load', (done) => store.get(id, done)),
  );
  if (!stored) return 'absent';
  const { cookie: _, ...data } = stored;
  return parseData(JSON.stringify(data), parts);
}

/** Returns what `session-crypto convert` has stored of a session. */
function dataOf(converted: ConvertedSession | undefined, parts: MigrationParts): JsonObject | RejectReason {
  if (!converted) return 'absent';
  const { data, expiresAt } = converted;
  if (!data || (expiresAt !== undefined && expiresAt <= parts.now())) return 'expired';
  return data;
}

const remove = (store: SessionSource, id: string, parts: MigrationParts): Promise<void> =>
  inTime('destroy', parts, () => askConnectStore<void>('destroy', (done) => store.destroy(id, done)));

/** Waits for a store that may never answer. */
function inTime<R>(operation: string, { timeout }: MigrationParts, ask: () => Promise<R>): Promise<R> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new SessionStoreError(operation, 'timeout'));
    const timer = setTimeout(late, timeout);
    ask()
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}
