import type { Conversion, Converted } from '../../manager/conversion.js';
import type { ForeignRow, Unreadable } from '../../manager/read-foreign.js';
import { CommandError } from '../command.error.js';
import { EXIT } from '../exit-codes.js';
import { checkSource } from './check-source.js';
import type { SessionSource } from './session-source.interface.js';

/** Sessions that are converted at once. */
const AT_ONCE = 16;

/** What a run has seen and done. With `write: false` nothing was changed. */
export interface ConversionReport extends Readonly<Record<Converted, number>> {
  readonly write: boolean;
  /** Sessions that were read in the old store. */
  readonly read: number;
  /** Converted sessions whose original has ended since. */
  readonly ended: number;
  /** Sessions that cannot be read, by the reason. */
  readonly unreadable: Readonly<Record<string, number>>;
}

/** How far a run is: in the old sessions, or in ours, in search of those that have ended there. */
export interface Place {
  readonly step: 'read' | 'ended';
  readonly at: string | undefined;
}

export const BEGIN: Place = { step: 'read', at: undefined };

export interface RunOptions {
  readonly write: boolean;
  /** Ends whatever is not there, unchecked. */
  readonly endMissing: boolean;
  readonly batch: number;
  readonly from: Place;
  readonly signal: AbortSignal;
  /** Called after each batch. The run can go on from `place`. */
  onBatch(report: ConversionReport, place: Place): void;
}

/** Converts all sessions of a source, and then marks those whose original has ended. After an abort it ends behind the batch that is
 *  under way, and is not `finished`. Throws a CommandError, before it writes, if this seems to be another source. */
export async function runConversion(
  source: SessionSource,
  conversion: Conversion,
  options: RunOptions,
): Promise<{ report: ConversionReport; finished: boolean }> {
  const run = new Run(source, conversion, options);
  const { step, at } = options.from;
  if (!options.endMissing && !(await checkSource(source, conversion, options)))
    return { report: run.report, finished: false };
  const isRead = step === 'ended' || (await run.convertAll(at));
  const finished = isRead && (await run.endGone(step === 'ended' ? at : undefined));
  return { report: run.report, finished };
}

class Run {
  readonly report: Tally;

  constructor(
    private readonly source: SessionSource,
    private readonly conversion: Conversion,
    private readonly options: RunOptions,
  ) {
    this.report = newTally(options.write);
  }

  async convertAll(after: string | undefined): Promise<boolean> {
    const { batch, write } = this.options;
    for await (const { rows, place } of this.source.pages(after, batch)) {
      if (this.isStopped({ step: 'read', at: after })) return false;
      const results = await eachOf(rows, (row) => this.conversion.convert(row, write));
      if (!this.report.read) this.refuseOthers(rows, results);
      for (const result of results) count(this.report, result);
      this.done({ step: 'read', at: (after = place) });
    }
    return true;
  }

  /** A page that the other application changes meanwhile is judged by what is there when it is asked. */
  async endGone(after: string | undefined): Promise<boolean> {
    const { batch, write, endMissing } = this.options;
    for await (const { sessions, mark } of this.conversion.converted(batch, after)) {
      if (this.isStopped({ step: 'ended', at: after })) return false;
      const ours = sessions.filter(({ isElsewhere }) => endMissing || !isElsewhere);
      const alive = await this.source.alive(ours.map(({ session }) => session.origin));
      const gone = ours.filter(({ session }) => !alive.has(session.origin));
      const ended = await eachOf(gone, (one) => (write ? this.conversion.end(one) : true));
      this.report.ended += ended.filter(Boolean).length;
      this.done({ step: 'ended', at: (after = mark || undefined) });
    }
    return true;
  }

  /** Throws a CommandError if the first page holds sessions, and none that express-session has written. */
  private refuseOthers(rows: readonly ForeignRow[], results: readonly (Converted | Unreadable)[]): void {
    const reasons = results.map((result) => (typeof result === 'string' ? undefined : result.unreadable));
    if (!rows.length || reasons.some((reason) => !NOT_THEIRS.includes(reason))) return;
    throw new CommandError(
      EXIT.data,
      `${this.source.name} holds no sessions of express-session: of the first ${rows.length}, none is one (${reasons[0]!}); check the table or the prefix`,
    );
  }

  private isStopped(place: Place): boolean {
    if (!this.options.signal.aborted) return false;
    this.done(place);
    return true;
  }

  private done(place: Place): void {
    this.options.onBatch(this.report, place);
  }
}

/** Reasons why a row is none of express-session. */
const NOT_THEIRS: readonly unknown[] = ['no JSON object', 'no cookie in it'];

type Tally = { -readonly [K in keyof ConversionReport]: ConversionReport[K] } & {
  unreadable: Record<string, number>;
};

const newTally = (write: boolean): Tally => ({
  write,
  read: 0,
  converted: 0,
  changed: 0,
  otherUser: 0,
  present: 0,
  migrated: 0,
  expired: 0,
  empty: 0,
  ended: 0,
  unreadable: {},
});

function count(tally: Tally, result: Converted | Unreadable): void {
  tally.read++;
  if (typeof result === 'string') tally[result]++;
  else tally.unreadable[result.unreadable] = (tally.unreadable[result.unreadable] ?? 0) + 1;
}

/** Works on all items, a limited number at once, and resolves to the results in their order. */
async function eachOf<T, R>(items: readonly T[], work: (item: T) => R | Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i]!);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
  return results;
}
