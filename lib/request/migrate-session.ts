import { randomUUID } from 'node:crypto';
import type { Awaitable } from '../crypto/awaitable.js';
import type { ForeignSession } from '../persistence/session-format.interface.js';
import type { RejectReason } from '../errors/envelope.error.js';
import { causeOf } from '../errors/session-store.error.js';
import type { CookieEndpoint } from '../manager/cookie-endpoint.js';
import type { EndpointMigrationSource } from '../manager/endpoint-migration-source.interface.js';
import type { ConvertedSession } from '../persistence/converted-session.interface.js';
import { migrationKey } from '../persistence/migration-mark.js';
import { MAX_CANDIDATES } from '../persistence/open-candidates.js';
import { probed } from '../persistence/session-probes.js';
import type { SessionLookup } from '../persistence/session-repository.interface.js';
import { isAlive, NEVER, toDate, toSeconds } from '../record/session-lifetime.js';
import { isEmptyRecord, type SessionRecord } from '../record/session-record.js';
import { refuseAfter } from '../stores/time-limit.js';
import type { RequestLookup } from './request-lookup.interface.js';

const NOTHING: RequestLookup = { found: { kind: 'none', reason: 'absent', ours: true }, clear: false };

/** Characters of the longest cookie that is read. */
const MAX_TEXT = 16_384;

/** Opens a session of a foreign format (`crypto.accept`) and migrates it to the native format. The cookie's name decides
 *  which format it is; no format is tried by guessing. */
export async function migrateSession(endpoint: CookieEndpoint, cookies: string): Promise<RequestLookup> {
  for (const source of endpoint.migrationSources) {
    const texts = spellings(source, cookies).slice(0, MAX_CANDIDATES);
    if (!texts.length) continue;
    const end = endpoint.probes.begin('open');
    const open = () => openMigrated(endpoint, source, texts);
    const found = await (end ? probed(end, open) : open());
    if (found) return found;
  }
  return NOTHING;
}

/** Ends what another program keeps of the sessions that a request brings, where that program still runs beside us: a logout
 *  here is one there. Ends nothing after `until` (`performance.now()`). Rejects with a SessionStoreError. */
export async function endKept(
  { migrationSources }: CookieEndpoint,
  cookies: string,
  until = Infinity,
): Promise<void> {
  for (const source of migrationSources.filter(({ keep }) => keep))
    for (const text of spellings(source, cookies).slice(0, MAX_CANDIDATES)) {
      const one = text.length >= source.reader.shortest ? await source.reader.open(text) : 'length';
      if (typeof one === 'string') continue;
      refuseAfter(until, 'destroy');
      await one.remove?.();
    }
}

/** Returns the cookies of a source in their one spelling: a second spelling must not become a second session. */
function spellings(source: EndpointMigrationSource, cookies: string): string[] {
  const values = signedValues(source, cookies).filter((text) => text.length <= MAX_TEXT);
  return [...new Set(values.map((text) => source.reader.canonical?.(text) ?? text))];
}

/** Returns the values of the cookie, each with every signature that came, where another cookie holds signatures. */
function signedValues({ cookie, signature }: EndpointMigrationSource, cookies: string): string[] {
  const values = cookie.values(cookies).slice(0, MAX_CANDIDATES);
  if (!signature) return values;
  const signatures = signature.values(cookies).slice(0, MAX_CANDIDATES);
  return values.flatMap((value) => (signatures.length ? signatures : ['']).map((one) => `${value};${one}`));
}

/** Resolves to `undefined` if no text opens: another source may have brought the session. */
async function openMigrated(
  endpoint: CookieEndpoint,
  source: EndpointMigrationSource,
  texts: readonly string[],
): Promise<RequestLookup | undefined> {
  const { name: session, events } = endpoint;
  const opened: ForeignSession[] = [];
  const rejected: RejectReason[] = [];
  for (const text of texts) {
    const one = text.length >= source.reader.shortest ? await source.reader.open(text) : 'length';
    if (typeof one === 'string') rejected.push(one);
    else if (!opened.some(({ origin }) => origin === one.origin)) opened.push(one);
    if (opened.length > 1) break;
  }
  // A value that one signature fits is no stranger's, although the others do not fit it.
  if (!opened.length || !source.signature)
    for (const reason of source.signature ? rejected.slice(0, 1) : rejected)
      events.emit('rejected', { session, reason });
  if (opened.length > 1) events.emit('ambiguous', { session, cookies: opened.length });
  if (opened.length > 1) return NOTHING;
  return opened[0] && new Migration(endpoint, source, opened[0]).run();
}

/** The migration of one session in one request. */
class Migration {
  /** Seconds since 1970 until which the session can be migrated. */
  private readonly until: number;
  /** True once this request has loaded the session. */
  private isFirst = false;
  /** The reason why there is no session; `undefined` for one that holds nothing. */
  private reason: RejectReason | undefined = 'expired';
  /** True if nobody knows whose session it is: others can have the same text. Then each request gets a row of its own, and a
   *  cookie has one anyway. */
  private readonly isAnyones: boolean;

  constructor(
    private readonly endpoint: CookieEndpoint,
    private readonly source: EndpointMigrationSource,
    private readonly session: ForeignSession,
  ) {
    this.until = Math.min(session.expiresAt ?? NEVER, toSeconds(source.until), NEVER);
    const { repeats, record } = session;
    this.isAnyones =
      !!repeats &&
      endpoint.repository.onServer &&
      typeof record !== 'function' &&
      record.subject === undefined;
  }

  async run(): Promise<RequestLookup> {
    const { endpoint, source, session, until } = this;
    const { repository } = endpoint;
    const { record } = session;
    if (repository.now() >= until) return this.rejected();
    if (typeof record !== 'function' && !this.native(record)) return NOTHING;
    const found = await this.migrate();
    if (found.kind === 'none') return this.rejected();
    // Another browser of the same user can have the same text, and is no thief.
    if (found.kind === 'ended' && found.reused && !session.repeats)
      await repository.reportReuse?.(found.reused);
    if (found.kind === 'live' && found.entry.migratableUntil !== undefined) await this.report();
    return { found, clear: false, migrationSource: source };
  }

  /** A session that may be anyone's gets a row that no other request finds, and that need not be remembered. */
  private migrate(): Awaitable<SessionLookup> {
    const { endpoint, source, session, until, isAnyones } = this;
    const { repository } = endpoint;
    const origin = isAnyones ? `${session.origin}\0${randomUUID()}` : session.origin;
    const remembered = isAnyones ? repository.now() + 1 : until;
    const load = (converted?: ConvertedSession) => this.load(converted);
    return repository.migrate(migrationKey(source.format, origin), load, remembered);
  }

  /** Returns the record that our store gets; `undefined` if there is no session any more. */
  private async load(converted: ConvertedSession | undefined): Promise<SessionRecord | undefined> {
    const { record } = this.session;
    const loaded = typeof record === 'function' ? await record(converted) : record;
    if (typeof loaded === 'string') {
      this.reason = loaded;
      return undefined;
    }
    if (isEmptyRecord(loaded)) this.reason = undefined;
    const native = this.native(loaded);
    this.isFirst = native !== undefined;
    return native;
  }

  private native(record: SessionRecord): SessionRecord | undefined {
    const { foreign: _, ...native } = { ...record, deadline: this.until };
    const { repository, timeouts } = this.endpoint;
    return isEmptyRecord(native) || !isAlive(native, repository.now(), timeouts) ? undefined : native;
  }

  private rejected(): RequestLookup {
    const { reason, endpoint } = this;
    if (reason) endpoint.events.emit('rejected', { session: endpoint.name, reason });
    return NOTHING;
  }

  /** Reports the migration. What the other program keeps is removed once our store has the session, and not where the cookie
   *  will hold it: the response may be lost, and a second request may run at the same time. */
  private async report(): Promise<void> {
    const { events, name: session, repository } = this.endpoint;
    const replayable = !repository.onServer || this.isAnyones;
    const until = toDate(this.until);
    events.emit('migrated', { session, format: this.source.format, until, replayable });
    if (!this.isFirst || replayable || this.source.keep) return;
    await this.session.remove?.().catch((error: unknown) => {
      events.emit('touchFailed', { session, code: causeOf(error) });
    });
  }
}
