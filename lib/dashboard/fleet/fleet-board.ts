import { randomBytes } from 'node:crypto';
import type { SessionProfile } from '../../manager/session-profile.js';
import type { MonitoredStore } from '../../persistence/monitored.store.js';
import { contentOf, markKey, markRow, MarkRows } from '../../persistence/marks/mark-rows.js';
import { toDate } from '../../record/session-lifetime.js';
import type { LoadedRow } from '../../stores/session-store.interface.js';
import { decodeReport, encodeReport, type PostedReport, type ProcessReport } from './process-report.js';

/** Processes that are surely known, at most. */
const PROCESSES = 32;
/** One place more: when it is taken, too, there may be others that have found none. */
const PLACES = PROCESSES + 1;
/** Seconds for which a report counts. One is written every minute. */
const LIFETIME = 180;
/** The first byte of a mark says what it is. */
const KIND = Buffer.of(5);

/** The reports of the other processes. */
export interface Gathered {
  readonly reports: readonly ProcessReport[];
  /** Reports that do not open here, since they were sealed by a key that this process does not have, or are of another version. */
  readonly unreadable: number;
  /** True if no place is left, so that there may be processes that nobody hears of. */
  readonly isFull: boolean;
}

/** Where each process writes what it has counted, sealed, into a row of its own beside the sessions: one mark, which no count, list or
 *  scan of sessions sees, and which expires soon after its process has gone. No probe sees its operations: they belong to no request,
 *  and a quiet application would show little else. */
export class FleetBoard {
  private readonly marks: MarkRows;
  /** Tells the reports of this board from those of others, also one that it has left at another place. */
  private readonly id = randomBytes(9).toString('base64url');
  private mine: { readonly place: number; version: number } | undefined;

  constructor(
    private readonly profile: SessionProfile,
    private readonly rows: MonitoredStore,
  ) {
    this.marks = new MarkRows(rows);
  }

  /** Returns the board of a session; `undefined` where nothing on the server compares versions, or the format is not our own. */
  static of(profile: SessionProfile): FleetBoard | undefined {
    const rows = profile.store.rows ?? profile.store.revocation?.rows;
    return rows?.guarded && profile.envelope ? new FleetBoard(profile, rows.unprobed()) : undefined;
  }

  /** True if its rows are in the memory of this process, where other processes write nothing. */
  get isLocal(): boolean {
    return this.rows.kind === 'memory';
  }

  /** Writes the report of this process. Does nothing if there is no place left. */
  async publish(report: ProcessReport): Promise<void> {
    if (this.mine && (await this.replace(report, this.mine))) return;
    this.mine = undefined;
    for (let place = 0; place < PLACES && !this.mine; place++)
      if (await this.claim(report, place)) this.mine = { place, version: 1 };
  }

  /** Reads what the others have written last. */
  async gather(): Promise<Gathered> {
    const places = Array.from({ length: PLACES }, (_, place) => place).filter(
      (place) => place !== this.mine?.place,
    );
    const rows = await Promise.all(places.map((place) => this.rows.load(this.keyOf(place))));
    const found = rows.filter((row) => row?.state === 'live');
    const opened = (await Promise.all(found.map((row) => this.open(row!)))).filter(
      (one) => one !== undefined,
    );
    return {
      reports: latestOf(opened, this.id),
      unreadable: found.length - opened.length,
      isFull: found.length === places.length,
    };
  }

  private async replace(
    report: ProcessReport,
    mine: { readonly place: number; version: number },
  ): Promise<boolean> {
    const row = markRow(this.keyOf(mine.place), await this.seal(report, mine.place), this.deadline);
    const isSaved = (await this.rows.replace(row, mine.version)) === 'saved';
    mine.version++;
    return isSaved;
  }

  private async claim(report: ProcessReport, place: number): Promise<boolean> {
    const key = this.keyOf(place);
    if (await this.rows.load(key)) return false;
    return this.marks.write(key, await this.seal(report, place), this.deadline, undefined);
  }

  private async seal(report: ProcessReport, place: number): Promise<Buffer> {
    const sealed = await this.profile.envelope!.seal(
      encodeReport({ ...report, board: this.id }),
      this.context,
      this.keyOf(place),
    );
    return Buffer.concat([KIND, sealed]);
  }

  private async open(row: LoadedRow): Promise<PostedReport | undefined> {
    const sealed = contentOf(row)!.subarray(KIND.length);
    const opened = await this.profile.envelope!.open(sealed, this.context, row.key);
    return typeof opened === 'string' ? undefined : decodeReport(opened.plaintext);
  }

  /** What other processes report is no visit: it says nothing of when a key can go. */
  private get context() {
    return this.profile.envelopeContext('dashboard', this.rows.kind, this.rows.name).uncounted();
  }

  private get deadline(): Date {
    return toDate(this.profile.now() + LIFETIME);
  }

  /** Applications that share a table have places of their own if their tenants or audiences differ. */
  private keyOf(place: number): Buffer {
    const { tenant, audience } = this.context.items;
    return markKey('dashboard', [place, this.profile.name, tenant, audience].join('\0'));
  }
}

/** Returns the last report of each board but `own`: one whose write seemed to fail has a second place for a while. */
function latestOf(reports: readonly PostedReport[], own: string): ProcessReport[] {
  const ordered = reports.filter(({ board }) => board !== own).toSorted((a, b) => a.at - b.at);
  return [...new Map(ordered.map((one) => [one.board, one])).values()];
}
