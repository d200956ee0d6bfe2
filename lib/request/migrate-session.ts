import { createHash } from 'node:crypto';
import type { CookieEndpoint, EndpointMigrationSource } from '../manager/cookie-endpoint.js';
import { MAX_CANDIDATES } from '../persistence/open-candidates.js';
import type { OpenedRecord } from '../persistence/record-codec.interface.js';
import { isAlive, NEVER, toDate, toSeconds } from '../record/session-lifetime.js';
import { isEmptyRecord } from '../record/session-record.js';
import type { RequestLookup } from './request-lookup.interface.js';

const NOTHING: RequestLookup = { found: { kind: 'none', reason: 'absent', ours: true }, clear: false };

/** Characters of the longest cookie that is read. */
const MAX_TEXT = 16_384;

/** Opens a session of a foreign format (`crypto.accept`) and migrates it to the native format. The cookie's name decides
 *  which format it is; no format is tried by guessing. */
export async function migrateSession(endpoint: CookieEndpoint, cookies: string): Promise<RequestLookup> {
  for (const source of endpoint.migrationSources) {
    const texts = spellings(source, cookies).slice(0, MAX_CANDIDATES);
    if (texts.length) return openMigrated(endpoint, source, texts);
  }
  return NOTHING;
}

/** Returns the cookies of a source in their one spelling: a second spelling must not become a second session. */
function spellings({ cookie, codec }: EndpointMigrationSource, cookies: string): string[] {
  const values = cookie.values(cookies).filter((text) => text.length <= MAX_TEXT);
  return [...new Set(values.map((text) => codec.canonical?.(text) ?? text))];
}

async function openMigrated(
  endpoint: CookieEndpoint,
  source: EndpointMigrationSource,
  texts: readonly string[],
): Promise<RequestLookup> {
  const { name: session, events } = endpoint;
  const opened: { text: string; session: OpenedRecord }[] = [];
  for (const text of texts) {
    const record = text.length >= source.codec.shortest ? await source.codec.open(text) : 'length';
    if (typeof record === 'string') events.emit('rejected', { session, reason: record });
    else opened.push({ text, session: record });
    if (opened.length > 1) break;
  }
  if (opened.length > 1) events.emit('ambiguous', { session, cookies: opened.length });
  return opened.length === 1 ? migrate(endpoint, source, opened[0]!.text, opened[0]!.session) : NOTHING;
}

async function migrate(
  { name: session, repository, events, timeouts }: CookieEndpoint,
  source: EndpointMigrationSource,
  text: string,
  { record, expiresAt }: OpenedRecord,
): Promise<RequestLookup> {
  const last = Math.min(toSeconds(source.until), NEVER);
  const until = expiresAt === undefined ? last : Math.min(expiresAt, last);
  const { foreign: _, ...native } = { ...record, deadline: until };
  const now = repository.now();
  if (now >= until || isEmptyRecord(native) || !isAlive(native, now, timeouts)) return NOTHING;
  const found = await repository.migrate(keyOf(source.format, text), native, until);
  if (found.kind === 'ended' && found.reused) await repository.reportReuse?.(found.reused);
  if (found.kind === 'live' && found.entry.migratableUntil !== undefined) {
    const replayable = !repository.onServer;
    events.emit('migrated', { session, format: source.format, until: toDate(until), replayable });
  }
  return { found, clear: false, migrationSource: source };
}

/** Returns 32 bytes that identify a sealed text without revealing it. The prefix is wire format. */
const keyOf = (format: string, text: string): Buffer =>
  createHash('sha256').update(`nestjs-session-crypto/adopted\0${format}\0`).update(text).digest();
