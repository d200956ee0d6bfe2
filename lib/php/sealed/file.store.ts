import { SessionStoreError } from '../../errors/session-store.error.js';
import type { AuditFinding } from '../../stores/audit-finding.interface.js';
import type {
  FoundRow,
  ListedRow,
  LoadedRow,
  ReplaceResult,
  SessionRow,
  SessionStore,
  Tombstone,
} from '../../stores/session-store.interface.js';
import { auditFolder } from '../private/audit-folder.js';
import { removeFile } from '../private/private-file.js';
import { openFolder } from '../private/private-folder.js';
import { posixUser } from '../private/posix-user.js';
import { checkInside } from './check-inside.js';
import { FilePruner } from './file-pruner.js';
import { resolveFileOptions, type FileStoreOptions } from './file-store-options.js';
import { KeyQueue } from '../../stores/key-queue.js';
import { refuseAfter } from '../../stores/time-limit.js';
import type { FileRow } from './file-row.js';
import { LiveRows } from './live-rows.js';
import { liveDraft, tombstoneDraft, type LiveRow } from './row-drafts.js';
import { RowFolder } from './row-folder.js';
import { RowSwap, type Draft } from './row-swap.js';
import { SubjectIndex } from './subject-index.js';

const NEEDS_POSIX =
  'fileStore() needs the owners and modes of POSIX files, which Windows does not have; write store: typeOrmStore()';

/** The parts that exist once the folder is open. */
interface Opened {
  readonly folder: RowFolder;
  readonly swap: RowSwap;
  readonly index: SubjectIndex;
  readonly live: LiveRows;
  readonly pruner: FilePruner;
}

/** How a row is written: whether the disk must have it, and by when (`performance.now()`). */
interface Writing {
  readonly durable?: boolean;
  readonly until?: number | undefined;
}

/** Keeps each session in a sealed file, for all processes of one user on one machine. Do not use it on NFS that several
 *  machines mount: each sees the others' names too late, so that a save could be lost. `count`, `scan` and `prune` read every
 *  file, `list` and `destroySubject` those of one subject, and the other methods those of one key. */
export class FileStore implements SessionStore {
  readonly kind = 'files';
  readonly name = 'session';
  readonly guarded = true;
  /** Makes the operations of this process on one key take turns. */
  private readonly queue = new KeyQueue();
  private opened: Opened | undefined;

  constructor(private readonly options: FileStoreOptions) {}

  /** Rejects with a SessionConfigError if an option is wrong or if other users could read the folder. */
  async open(): Promise<void> {
    const { path, depth, mode, pruneBatch } = resolveFileOptions(this.options);
    const owner = { uid: posixUser('store', NEEDS_POSIX), mode };
    const root = await openFolder(path, owner);
    await checkInside(root, depth, owner.uid);
    const folder = new RowFolder(root, depth, owner);
    const swap = new RowSwap(folder);
    const now = () => this.now();
    const index = new SubjectIndex(folder);
    const live = new LiveRows(folder, index, now);
    await index.build(live.contents());
    this.opened = { folder, swap, index, live, pruner: new FilePruner(folder, swap, index, now, pruneBatch) };
  }

  get equalParameters(): readonly unknown[] {
    return [(Object(this.options) as Partial<FileStoreOptions>).depth ?? 1];
  }

  /** Returns what other users can do with the folder. */
  audit(): readonly AuditFinding[] {
    return auditFolder((Object(this.options) as Partial<FileStoreOptions>).path);
  }

  now(): Date {
    return this.options.now?.() ?? new Date();
  }

  /** Returns tombstones too. Returns `undefined` for a row that is absent, expired, malformed, or in a file that other users
   *  can use. */
  load(key: Buffer): Promise<LoadedRow | undefined> {
    return this.run('load', async ({ folder }) => {
      const row = await folder.read(key);
      const now = this.now();
      if (typeof row === 'string' || row.deadline <= now || row.state === 'removed') return undefined;
      const { sealed, version, state } = row;
      return { key, sealed, version, state, now };
    });
  }

  /** Rejects with the reason `duplicate` if the key has a row. */
  create(row: SessionRow, until = Infinity): Promise<void> {
    return this.run('create', (opened) => {
      refuseAfter(until, 'create');
      return createIn(opened, 'create', row);
    });
  }

  /** Returns `gone` without a live row, and `conflict` if its version is not `version`. */
  replace(row: SessionRow, version: number, until?: number): Promise<ReplaceResult> {
    const decide = (current: LiveRow | undefined): Draft | 'gone' | 'conflict' => {
      if (!current) return 'gone';
      return current.version === version ? liveDraft(row, version + 1) : 'conflict';
    };
    return this.save('replace', row, decide, { until });
  }

  /** Writes the new row before the old one becomes a tombstone. So a crash between the two leaves the old session as it was,
   *  and until its deadline a row whose token nobody has. It never leaves a tombstone without a successor. */
  move(
    oldKey: Buffer,
    version: number,
    row: SessionRow,
    tombstone: Tombstone,
    until = Infinity,
  ): Promise<ReplaceResult> {
    const decide = (current: LiveRow | undefined): Draft | 'gone' | 'conflict' | 'late' => {
      if (performance.now() > until) return 'late';
      if (!current) return 'gone';
      return current.version === version ? tombstoneDraft(current, tombstone) : 'conflict';
    };
    return this.run('move', (opened) =>
      this.queue.run(oldKey, async () => {
        const { folder, swap, index, live } = opened;
        const early = decide(live.only(await folder.read(oldKey)));
        if (typeof early === 'string') return inTime(early, 'move');
        await createIn(opened, 'move', row);
        const result = await swap.swap(oldKey, (current) => decide(live.only(current)));
        if (result !== 'saved') await removeFile(folder.rowPath(row.key));
        else await index.remove(early.subject, oldKey);
        return inTime(result, 'move');
      }),
    );
  }

  /** Leaves a tombstone until `deadline`. Returns `false` if there was no live row. */
  destroy(key: Buffer, deadline: Date, until?: number): Promise<boolean> {
    return this.end('destroy', key, deadline, until);
  }

  /** Keeps the version. Does nothing if it has changed, or if the row was seen later. Does not wait for the disk: a crash may undo a
   *  touch. */
  async touch(row: SessionRow, version: number): Promise<boolean> {
    const decide = (current: LiveRow | undefined) =>
      current?.version === version && current.lastSeenAt <= row.lastSeenAt
        ? liveDraft(row, version)
        : 'changed';
    return (await this.save('touch', row, decide, { durable: false })) === 'saved';
  }

  /** Inspects `pruneBatch` files, or as many as it takes to find an expired one. Leaves files that other users can use, so
   *  that the operator can see them. */
  prune(): Promise<number> {
    return this.run('prune', ({ pruner }) => pruner.prune());
  }

  /** Returns the live rows of a subject, the last used first. */
  list(subject: string): Promise<ListedRow[]> {
    return this.run('list', ({ live }) => live.list(subject));
  }

  /** Walks until two walks in a row find nothing: a walk can miss a row that moves during it under both of its keys. */
  destroySubject(subject: string, deadline: Date, except: Buffer | undefined): Promise<number> {
    return this.run('destroySubject', async ({ live }) => {
      let ended = 0;
      for (let quiet = 0; quiet < 2;) {
        const more = await this.endAll(live.ofSubject(subject), deadline, except);
        ended += more;
        quiet = more ? 0 : quiet + 1;
      }
      return ended;
    });
  }

  /** Returns the number of live rows. */
  count(seenAfter?: Date): Promise<number> {
    return this.run('count', ({ live }) => live.count(seenAfter));
  }

  /** Returns up to `limit` live rows in the order of their keys, from the first key after `after` on. */
  scan(after: Buffer | undefined, limit: number): Promise<FoundRow[]> {
    return this.run('scan', async ({ live }) => {
      const found: FoundRow[] = [];
      if (limit < 1) return found;
      for await (const { id: _, ...row } of live.walk(after))
        if (found.push({ ...row, now: this.now() }) >= limit) break;
      return found;
    });
  }

  /** Returns the number of rows that it has ended. */
  private async endAll(rows: AsyncIterable<LiveRow>, deadline: Date, except: Buffer | undefined) {
    let ended = 0;
    for await (const { key } of rows)
      if (!except?.equals(key) && (await this.end('destroySubject', key, deadline))) ended++;
    return ended;
  }

  /** Turns a live row into a tombstone without payload. */
  private async end(operation: string, key: Buffer, deadline: Date, until?: number): Promise<boolean> {
    const tombstone: Tombstone = { state: 'ended', sealed: Buffer.alloc(0), deadline };
    let subject: string | undefined;
    const decide = (current: LiveRow | undefined) => {
      subject = current?.subject;
      return current ? tombstoneDraft(current, tombstone) : 'gone';
    };
    if ((await this.change(operation, key, decide, { until })) !== 'saved') return false;
    await this.opened?.index.remove(subject, key);
    return true;
  }

  /** Replaces a live row by a newer one. Its entry in the index comes first if it gets another subject. */
  private async save<W extends string>(
    operation: string,
    { key, subject }: SessionRow,
    decide: (current: LiveRow | undefined) => Draft | W,
    how: Writing,
  ): Promise<'saved' | W> {
    const decideIndexed = (current: LiveRow | undefined) => {
      const draft = decide(current);
      const isIndexed = subject === undefined || subject === current?.subject || typeof draft === 'string';
      return isIndexed ? draft : 'unindexed';
    };
    const result = await this.change(operation, key, decideIndexed, how);
    if (result !== 'unindexed') return result;
    return this.run(operation, async ({ index }) => {
      await index.add(subject, key);
      const saved = await this.change(operation, key, decide, how);
      if (saved === 'saved') await index.confirm(subject, key);
      return saved;
    });
  }

  /** Replaces a live row by the draft that `decide` returns. Operations on one key run one after another. */
  private change<W extends string>(
    operation: string,
    key: Buffer,
    decide: (current: LiveRow | undefined) => Draft | W,
    { durable = true, until = Infinity }: Writing,
  ): Promise<'saved' | W> {
    return this.run(operation, ({ swap, live }) => {
      const inTime = (current: FileRow | undefined) => {
        refuseAfter(until, operation);
        return decide(live.only(current));
      };
      return this.queue.run(key, () => swap.swap(key, inTime, durable));
    });
  }

  /** Runs one operation. A failure of the system is reported by its code alone, because its message contains the names of
   *  files. */
  private async run<R>(operation: string, work: (opened: Opened) => Promise<R>): Promise<R> {
    if (!this.opened) throw new SessionStoreError(operation, 'not open');
    try {
      return await work(this.opened);
    } catch (error) {
      throw SessionStoreError.from(operation, error);
    }
  }
}

/** Throws a SessionStoreError if nothing was written since whoever waits had given up. */
function inTime<R>(result: R | 'late', operation: string): R {
  if (result === 'late') throw new SessionStoreError(operation, 'timeout');
  return result;
}

async function createIn({ swap, index }: Opened, operation: string, row: SessionRow): Promise<void> {
  await index.add(row.subject, row.key);
  if (!(await swap.create(liveDraft(row, 1)))) throw new SessionStoreError(operation, 'duplicate');
  await index.confirm(row.subject, row.key);
}
