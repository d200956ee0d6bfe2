import { SessionStoreError } from '../../errors/session-store.error.js';
import type {
  FoundRow,
  ListedRow,
  LoadedRow,
  ReplaceResult,
  SessionRow,
  SessionStore,
  Tombstone,
} from '../../stores/session-store.interface.js';
import { removeFile } from '../private/private-file.js';
import { openFolder } from '../private/private-folder.js';
import { posixUser } from '../private/posix-user.js';
import { FilePruner } from './file-pruner.js';
import { resolveFileOptions, type FileStoreOptions } from './file-store-options.js';
import { KeyQueue } from './key-queue.js';
import { LiveRows } from './live-rows.js';
import { liveDraft, tombstoneDraft, type LiveRow } from './row-drafts.js';
import { RowFolder } from './row-folder.js';
import { RowSwap, type Draft } from './row-swap.js';

const NEEDS_POSIX =
  'fileStore() needs the owners and modes of POSIX files, which Windows does not have; write store: typeOrmStore()';

/** The parts that exist once the folder is open. */
interface Opened {
  readonly folder: RowFolder;
  readonly swap: RowSwap;
  readonly live: LiveRows;
  readonly pruner: FilePruner;
}

/** Keeps each session in a sealed file, for all processes of one user on one machine. Do not use it on NFS that several
 *  machines mount: each sees the others' names too late, so that a save could be lost. `list`, `destroySubject`, `count`,
 *  `scan` and `prune` read every file; the other methods read only the files of one key. */
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
    const folder = new RowFolder(await openFolder(path, owner), depth, owner);
    const swap = new RowSwap(folder);
    const now = () => this.now();
    const pruner = new FilePruner(folder, swap, now, pruneBatch);
    this.opened = { folder, swap, live: new LiveRows(folder, now), pruner };
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
  create(row: SessionRow): Promise<void> {
    return this.run('create', ({ swap }) => createIn(swap, 'create', row));
  }

  /** Returns `gone` without a live row, and `conflict` if its version is not `version`. */
  replace(row: SessionRow, version: number): Promise<ReplaceResult> {
    return this.change('replace', row.key, (current): Draft | 'gone' | 'conflict' => {
      if (!current) return 'gone';
      return current.version === version ? liveDraft(row, version + 1) : 'conflict';
    });
  }

  /** Writes the new row before the old one becomes a tombstone. So a crash between the two leaves the old session as it was,
   *  and until its deadline a row whose token nobody has. It never leaves a tombstone without a successor. */
  move(oldKey: Buffer, version: number, row: SessionRow, tombstone: Tombstone): Promise<ReplaceResult> {
    const decide = (current: LiveRow | undefined): Draft | 'gone' | 'conflict' => {
      if (!current) return 'gone';
      return current.version === version ? tombstoneDraft(current, tombstone) : 'conflict';
    };
    return this.run('move', ({ folder, swap, live }) =>
      this.queue.run(oldKey, async () => {
        const early = decide(live.only(await folder.read(oldKey)));
        if (typeof early === 'string') return early;
        await createIn(swap, 'move', row);
        const result = await swap.swap(oldKey, (current) => decide(live.only(current)));
        if (result !== 'saved') await removeFile(folder.rowPath(row.key));
        return result;
      }),
    );
  }

  /** Leaves a tombstone until `deadline`. Returns `false` if there was no live row. */
  destroy(key: Buffer, deadline: Date): Promise<boolean> {
    return this.end('destroy', key, deadline);
  }

  /** Keeps the version, and does nothing if it has changed. Does not wait for the disk: a crash may undo a touch. */
  async touch(row: SessionRow, version: number): Promise<void> {
    const decide = (current: LiveRow | undefined) =>
      current?.version === version ? liveDraft(row, version) : 'changed';
    await this.change('touch', row.key, decide, false);
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
  private async end(operation: string, key: Buffer, deadline: Date): Promise<boolean> {
    const tombstone: Tombstone = { state: 'ended', sealed: Buffer.alloc(0), deadline };
    const decide = (current: LiveRow | undefined) => (current ? tombstoneDraft(current, tombstone) : 'gone');
    return (await this.change(operation, key, decide)) === 'saved';
  }

  /** Replaces a live row by the draft that `decide` returns. Operations on one key run one after another. */
  private change<W extends string>(
    operation: string,
    key: Buffer,
    decide: (current: LiveRow | undefined) => Draft | W,
    durable = true,
  ): Promise<'saved' | W> {
    return this.run(operation, ({ swap, live }) =>
      this.queue.run(key, () => swap.swap(key, (current) => decide(live.only(current)), durable)),
    );
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

async function createIn(swap: RowSwap, operation: string, row: SessionRow): Promise<void> {
  if (!(await swap.create(liveDraft(row, 1)))) throw new SessionStoreError(operation, 'duplicate');
}
