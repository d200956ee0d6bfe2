import { createHash } from 'node:crypto';
import type { FoundSession } from './found-session.interface.js';
import type { Channel, Origin } from './session-channel.js';
import {
  isAlive,
  isEmptyRecord,
  MAX_CANDIDATES,
  NEVER,
  toDate,
  toSeconds,
  type OpenedRecord,
} from './session/index.js';

const NOTHING: FoundSession = { found: { kind: 'none', reason: 'absent', ours: true }, clear: false };

/** Characters of a cookie that is looked at. */
const MAX_TEXT = 16_384;

/** Opens a session of another form and leads it over to ours. The cookie's name says which form it is; nothing is tried. */
export async function findOrigin(channel: Channel, cookies: string): Promise<FoundSession> {
  for (const origin of channel.origins) {
    const texts = spellings(origin, cookies).slice(0, MAX_CANDIDATES);
    if (texts.length) return openOrigin(channel, origin, texts);
  }
  return NOTHING;
}

/** The texts of an origin's cookies, each once however it is spelled: a second spelling must not be a second session. */
function spellings({ cookie, codec }: Origin, cookies: string): string[] {
  const values = cookie.values(cookies).filter((text) => text.length <= MAX_TEXT);
  return [...new Set(values.map((text) => codec.canonical?.(text) ?? text))];
}

async function openOrigin(channel: Channel, origin: Origin, texts: readonly string[]): Promise<FoundSession> {
  const opened: { text: string; session: OpenedRecord }[] = [];
  for (const text of texts) {
    const session = text.length >= origin.codec.shortest ? await origin.codec.open(text) : 'length';
    if (typeof session !== 'string') opened.push({ text, session });
    else channel.events.emit('rejected', { session: channel.name, reason: session });
    if (opened.length > 1) break;
  }
  if (opened.length > 1) channel.events.emit('ambiguous', { session: channel.name, cookies: opened.length });
  return opened.length === 1 ? adopt(channel, origin, opened[0]!.text, opened[0]!.session) : NOTHING;
}

async function adopt(
  { name, repository, events, timeouts }: Channel,
  origin: Origin,
  text: string,
  { record, expiresAt }: OpenedRecord,
): Promise<FoundSession> {
  const last = Math.min(toSeconds(origin.until), NEVER);
  const until = expiresAt === undefined ? last : Math.min(expiresAt, last);
  const { foreign: _, ...own } = { ...record, deadline: until };
  const now = repository.now();
  if (now >= until || isEmptyRecord(own) || !isAlive(own, now, timeouts)) return NOTHING;
  const found = await repository.adopt(nameOf(origin.format, text), own, until);
  if (found.kind === 'live' && found.entry.adoptedUntil !== undefined)
    events.emit('adopted', {
      session: name,
      format: origin.format,
      until: toDate(until),
      replayable: !repository.onServer,
    });
  return { found, clear: false, origin };
}

/** 32 bytes that stand for a sealed text without saying it. */
const nameOf = (format: string, text: string): Buffer =>
  createHash('sha256').update(`nestjs-session-crypto/adopted\0${format}\0`).update(text).digest();
