import type { ListedRow } from '../../stores/session-store.interface.js';
import type { FileRow } from './file-row.js';
import type { LiveRow } from './row-drafts.js';
import type { FileContent, RowFolder } from './row-folder.js';
import type { SubjectIndex } from './subject-index.js';

/** The number of files that a walk reads at a time. */
const AT_ONCE = 8;

/** Finds the rows that hold a session and have not expired. */
export class LiveRows {
  constructor(
    private readonly folder: RowFolder,
    private readonly index: SubjectIndex,
    private readonly now: () => Date,
  ) {}

  /** Returns the row if it is live, otherwise `undefined`. */
  only(row: FileRow | string | undefined): LiveRow | undefined {
    if (typeof row !== 'object' || row.state !== 'live' || row.deadline <= this.now()) return undefined;
    return row as LiveRow;
  }

  /** Returns all live rows in the order of their keys, from the first key after `after` on. Reads every file. */
  async *walk(after?: Buffer): AsyncGenerator<LiveRow> {
    for await (const row of this.contents(after)) {
      const live = this.only(row);
      if (live) yield live;
    }
  }

  /** Returns what every file of a row holds, in the same order: its row, or why it cannot be read. */
  async *contents(after?: Buffer): AsyncGenerator<FileContent> {
    let keys: Buffer[] = [];
    for await (const { kind, key } of this.folder.files(after)) {
      if (kind !== 'row' || keys.push(key) < AT_ONCE) continue;
      yield* await this.read(keys);
      keys = [];
    }
    yield* await this.read(keys);
  }

  /** Returns all live rows of a subject. Reads only their files, unless the index is gone. */
  async *ofSubject(subject: string): AsyncGenerator<LiveRow> {
    const stored = Buffer.from(subject).toString(); // UTF-8 changes half surrogates
    const keys = await this.index.keysOf(subject);
    for await (const row of keys ? this.named(keys) : this.walk()) if (row.subject === stored) yield row;
  }

  /** Returns the rows of a subject without their sessions, the last used first. */
  async list(subject: string): Promise<ListedRow[]> {
    const rows: ListedRow[] = [];
    for await (const { key, subject: stored, createdAt, lastSeenAt } of this.ofSubject(subject))
      rows.push({ key, subject: stored, createdAt, lastSeenAt });
    return rows.toSorted((a, b) => b.lastSeenAt.getTime() - a.lastSeenAt.getTime());
  }

  async count(seenAfter = new Date(0)): Promise<number> {
    let rows = 0;
    for await (const { lastSeenAt } of this.walk()) if (lastSeenAt > seenAfter) rows++;
    return rows;
  }

  private async *named(keys: readonly Buffer[]): AsyncGenerator<LiveRow> {
    for (let at = 0; at < keys.length; at += AT_ONCE)
      for (const row of await this.read(keys.slice(at, at + AT_ONCE))) {
        const live = this.only(row);
        if (live) yield live;
      }
  }

  private read(keys: readonly Buffer[]): Promise<FileContent[]> {
    return Promise.all(keys.map((key) => this.folder.read(key)));
  }
}
