import { headerHint } from '../../crypto/key-hint.js';
import { encodeBase64url } from '../../envelope/base64url.js';
import { ReferenceTokens } from '../../envelope/reference-token.js';
import { SessionStoreError } from '../../errors/session-store.error.js';
import { Tombstones } from '../../persistence/tombstones.js';
import { decodeRecord, type SessionRecord } from '../../record/session-record.js';
import { rowDeadline, toDate, toSeconds } from '../../record/session-lifetime.js';
import type { LoadedRow } from '../../stores/session-store.interface.js';
import { durationOf, secondOf } from '../times.js';
import { live } from './explain-envelope.js';
import type { ExplainedRow, ExplainOptions, Outcome, Part } from './explanation.interface.js';
import type { Place } from './places.js';
import { ABSENT, closedRow, ENDED, REPLAYED, whyMoved } from './row-outcomes.js';
import { sessionFacts, shownData, whyExpired } from './session-facts.js';

/** Old rows that are followed from one cookie. */
const MAX_HOPS = 100;

type RowPart = Outcome & Pick<Part, 'row' | 'session' | 'data'>;

/** Reads the row of a reference and those that it leads to. Changes nothing. */
export class RowReader {
  private readonly tombstones: Tombstones;

  constructor(
    private readonly place: Place,
    private readonly options: ExplainOptions,
  ) {
    const { profile } = place;
    const { kind, name } = profile.store.rows!;
    this.tombstones = new Tombstones({
      envelope: profile.envelope!,
      successorContext: profile.envelopeContext('successor', kind, name),
      timeouts: profile.options.timeouts,
      now: () => profile.now(),
    });
  }

  async explain(key: Buffer, stale: boolean): Promise<RowPart> {
    const row = await this.load(key);
    if (!row) return { ...ABSENT, row: { id: encodeBase64url(key), state: 'absent' } };
    return row.state === 'live' ? this.ofLive(row, stale) : this.ofOld(row);
  }

  private async load(key: Buffer): Promise<LoadedRow | undefined> {
    const { storeDown } = this.options;
    if (storeDown) throw new SessionStoreError('open', storeDown);
    return this.place.profile.store.rows!.load(key);
  }

  private async ofLive(row: LoadedRow, stale: boolean): Promise<RowPart> {
    const record = await this.recordOf(row);
    const facts = liveFacts(row);
    if (typeof record === 'string') return { ...closedRow(record, facts.sealedBy!), row: facts };
    const { timeouts } = this.place.profile.options;
    const found = await this.place.endpoint.repository.findByKey!(row.key);
    const now = found.kind === 'live' ? found.now : toSeconds(row.now);
    const session = sessionFacts(record, row.key, timeouts, now);
    return {
      ...(found.kind === 'live'
        ? live(stale || found.entry.stale)
        : { verdict: 'ended', reason: 'expired', why: whyExpired(session) }),
      row: { ...facts, deadline: rowDeadline(record, timeouts) },
      session,
      ...shownData(record, this.options),
    };
  }

  private async recordOf(row: LoadedRow): Promise<SessionRecord | string> {
    const { profile } = this.place;
    const { kind, name } = profile.store.rows!;
    const context = profile.envelopeContext('session', kind, name);
    const opened = await profile.envelope!.open(row.sealed, context, row.key);
    if (typeof opened === 'string') return opened;
    const record = decodeRecord(opened.plaintext, profile.options.payloadLimit);
    opened.plaintext.fill(0);
    return record;
  }

  /** Explains what is left of a session that has moved or ended. */
  private async ofOld(row: LoadedRow): Promise<RowPart> {
    const facts = await this.trailOf(row, MAX_HOPS);
    if (facts.state === 'ended' || !facts.movedAt) return { ...ENDED, row: facts, ...whyMoved(facts) };
    const { graceTime } = this.place.profile.options.timeouts;
    const graceEnd = toDate(toSeconds(facts.movedAt) + graceTime);
    if (row.now < graceEnd) return { ...(await this.ofMoved(row, graceEnd)), row: facts };
    const since = durationOf((row.now.getTime() - graceEnd.getTime()) / 1000);
    return { ...REPLAYED, why: `${REPLAYED.why} ${since} ago, so somebody has kept it`, row: facts };
  }

  /** Explains an old id in its grace time by the session that it leads to. */
  private async ofMoved(row: LoadedRow, graceEnd: Date): Promise<RowPart> {
    const found = await this.place.endpoint.repository.findByKey!(row.key);
    if (found.kind !== 'live')
      return { ...ENDED, why: 'the id was renewed, and the session that it leads to has ended' };
    const { key, record } = found.entry;
    return {
      verdict: 'accepted',
      reason: 'moved',
      why: `the id was renewed a moment ago, and until ${secondOf(graceEnd)} the old one leads to the new session`,
      session: sessionFacts(record, key, this.place.profile.options.timeouts, found.now),
      ...shownData(record, this.options),
    };
  }

  private async trailOf(row: LoadedRow, hops: number): Promise<ExplainedRow> {
    if (row.state === 'live') return liveFacts(row);
    const own = { id: encodeBase64url(row.key), state: row.state, version: row.version };
    const pointer = await this.tombstones.anyPointer(row);
    if (!pointer) return own;
    const key = ReferenceTokens.rowKey(pointer.token);
    pointer.token.fill(0);
    const moved = { movedAt: toDate(pointer.movedAt), moved: pointer.kind };
    const next = hops ? await this.load(key) : undefined;
    const successor = next
      ? await this.trailOf(next, hops - 1)
      : ({ id: encodeBase64url(key), state: 'absent' } as const);
    return { ...own, ...moved, successor };
  }
}

const liveFacts = ({ key, state, version, sealed }: LoadedRow): ExplainedRow => ({
  id: encodeBase64url(key),
  state,
  version,
  sealedBy: headerHint(sealed),
});
