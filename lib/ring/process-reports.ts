import { randomInt } from 'node:crypto';
import type { KeyRow, KeyRowStore } from '../stores/key-row-store.interface.js';
import type { ProcessReport, ReportedProcess } from './ring-process.interface.js';
import { later } from './ring-plan.js';
import type { WrappedKeys } from './wrapped-keys.js';

/** Seconds after its last report for which the row of a process stays that has ended without a word. */
const KEPT = 600;

/** Rows that one process reads and removes at most: a store that somebody fills must not occupy it. */
const MOST = 500;
const MOST_REMOVED = 20;

const MOST_HINTS = 100;
const MOST_LETTERS = 100;

export interface ProcessReportsParts {
  readonly store: KeyRowStore;
  /** The name that the rows of processes have in place of the ring's: {@link processesOf}. */
  readonly name: string;
  /** Seals the reports: whoever can write the table cannot write one. Made for {@link name}, so that no report is a key. */
  readonly wrapping: WrappedKeys;
  /** Host and process id. */
  readonly label: string;
}

/** Returns the name of the rows in which the processes of a ring report. No ring has it: names of rings are printable ASCII. */
export const processesOf = (ring: string): string => `${ring}\tprocesses`;

/** The rows in which the processes of a ring say which keys they have. They lie in the store of the keys, under a name of their
 *  own, in the columns of a key: `hint` is that of the sealing key, `seals_at` the last report, and `drops_at` when whoever comes
 *  first removes the row. */
export class ProcessReports {
  readonly id = randomInt(1, 2 ** 31 - 1);
  private own: KeyRow | undefined;

  constructor(private readonly parts: ProcessReportsParts) {}

  /** Writes the row of this process. */
  async write(report: Omit<ProcessReport, 'label'>, now: Date): Promise<void> {
    const { store, name, wrapping, label } = this.parts;
    const hints = report.hints.slice(0, MOST_HINTS);
    const bytes = Buffer.from(JSON.stringify({ ...report, label, hints }));
    const times = { createdAt: this.own?.createdAt ?? now, sealsAt: now, dropsAt: later(now, KEPT) };
    const row = await wrapping.wrap(bytes, {
      id: this.id,
      version: (this.own?.version ?? 0) + 1,
      hint: report.hints[0] ?? 0,
      state: 'published',
      retiresAt: undefined,
      ...times,
    });
    bytes.fill(0);
    const isThere = await (this.own ? store.update(name, row) : store.insert(name, row));
    this.own = isThere ? row : undefined; // removed while this process slept: it begins anew with its next report
  }

  /** Reads the rows of all processes, and removes some whose time is over unless `mayRemove` is false. */
  async read(now: Date, mayRemove = true): Promise<ReportedProcess[]> {
    const { store, name } = this.parts;
    const { rows } = await store.load(name);
    const isOver = ({ dropsAt }: KeyRow) => dropsAt !== undefined && dropsAt < now;
    for (const { id, version } of mayRemove ? rows.filter(isOver).slice(0, MOST_REMOVED) : [])
      await store.remove(name, id, version);
    const present = rows.filter((row) => !isOver(row)).slice(0, MOST);
    return Promise.all(present.map((row) => this.open(row)));
  }

  /** Removes the row of this process. */
  async leave(): Promise<void> {
    const { own } = this;
    this.own = undefined;
    if (own) await this.parts.store.remove(this.parts.name, own.id, own.version);
  }

  private async open(row: KeyRow): Promise<ReportedProcess> {
    const { id, createdAt: startedAt, sealsAt: reportedAt } = row;
    const opened = await this.parts.wrapping.unwrap(row);
    const report = typeof opened === 'string' ? undefined : readReport(opened.bytes);
    if (typeof opened !== 'string') opened.bytes.fill(0); // whoever unwraps wipes
    return { id, startedAt, reportedAt, report };
  }
}

/** Returns the report in the bytes of a row; `undefined` for one of another version of this package. */
function readReport(bytes: Buffer): ProcessReport | undefined {
  try {
    const { label, hints, fault } = JSON.parse(bytes.toString()) as Partial<ProcessReport>;
    if (!Array.isArray(hints) || !hints.every((hint) => Number.isInteger(hint))) return undefined;
    return { label: printable(label), hints: hints as number[], fault: printable(fault) };
  } catch {
    return undefined;
  }
}

/** A host may have any name; nothing of it may act in a terminal. */
const printable = (text: unknown): string =>
  String(text ?? '')
    .slice(0, MOST_LETTERS)
    .replace(/[^\x20-\x7e]/g, '?');
