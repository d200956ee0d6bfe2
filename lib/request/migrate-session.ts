import { createHash } from 'node:crypto';
import type { RequestLookup } from './request-lookup.interface.js';
import type { CookieEndpoint, EndpointMigrationSource } from '../manager/cookie-endpoint.js';
import { isAlive, NEVER, toDate, toSeconds } from '../record/session-lifetime.js';
import { isEmptyRecord } from '../record/session-record.js';
import { MAX_CANDIDATES } from '../persistence/open-candidates.js';
import type { OpenedRecord } from '../persistence/record-codec.interface.js';

const NOTHING: RequestLookup = { found: { kind: 'none', reason: 'absent', ours: true }, clear: false };

/** Characters of a cookie that is looked at. */
const MAX_TEXT = 16_384;

/** Opens a session of another form and leads it over to ours. The cookie's name says which form it is; nothing is tried. */
export async function migrateSession(channel: CookieEndpoint, cookies: string): Promise<RequestLookup> {
  for (const origin of channel.migrationSources) {
    const texts = spellings(origin, cookies).slice(0, MAX_CANDIDATES);
    if (texts.length) return openMigrated(channel, origin, texts);
  }
  return NOTHING;
}

/** The texts of an origin's cookies, each once however it is spelled: a second spelling must not be a second session. */
function spellings({ cookie, codec }: EndpointMigrationSource, cookies: string): string[] {
  const values = cookie.values(cookies).filter((text) => text.length <= MAX_TEXT);
  return [...new Set(values.map((text) => codec.canonical?.(text) ?? text))];
}

async function openMigrated(
  channel: CookieEndpoint,
  origin: EndpointMigrationSource,
  texts: readonly string[],
): Promise<RequestLookup> {
  const opened: { text: string; session: OpenedRecord }[] = [];
  for (const text of texts) {
    const session = text.length >= origin.codec.shortest ? await origin.codec.open(text) : 'length';
    if (typeof session !== 'string') opened.push({ text, session });
    else channel.events.emit('rejected', { session: channel.name, reason: session });
    if (opened.length > 1) break;
  }
  if (opened.length > 1) channel.events.emit('ambiguous', { session: channel.name, cookies: opened.length });
  return opened.length === 1 ? migrate(channel, origin, opened[0]!.text, opened[0]!.session) : NOTHING;
}

async function migrate(
  { name, repository, events, timeouts }: CookieEndpoint,
  origin: EndpointMigrationSource,
  text: string,
  { record, expiresAt }: OpenedRecord,
): Promise<RequestLookup> {
  const last = Math.min(toSeconds(origin.until), NEVER);
  const until = expiresAt === undefined ? last : Math.min(expiresAt, last);
  const { foreign: _, ...own } = { ...record, deadline: until };
  const now = repository.now();
  if (now >= until || isEmptyRecord(own) || !isAlive(own, now, timeouts)) return NOTHING;
  const found = await repository.migrate(nameOf(origin.format, text), own, until);
  if (found.kind === 'live' && found.entry.migratableUntil !== undefined)
    events.emit('migrated', {
      session: name,
      format: origin.format,
      until: toDate(until),
      replayable: !repository.onServer,
    });
  return { found, clear: false, migrationSource: origin };
}

/** 32 bytes that stand for a sealed text without saying it. */
const nameOf = (format: string, text: string): Buffer =>
  createHash('sha256').update(`nestjs-session-crypto/adopted\0${format}\0`).update(text).digest();
