import { SessionConfigError } from '../../errors/session-config.error.js';
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
import { FilePruner } from './file-pruner.js';
import type { FileRow } from './file-row.js';
import { resolveFileOptions, type FileStoreOptions } from './file-store-options.js';
import { KeyQueue } from './key-queue.js';
import { openFolder } from './open-folder.js';
import { removeFile } from './private-file.js';
import { RowFolder } from './row-folder.js';
import { RowSwap, type Draft } from './row-swap.js';

/** What is there once the folder is open. */
interface Opened {
  readonly folder: RowFolder;
  readonly swap: RowSwap;
  readonly pruner: FilePruner;
}

type LiveRow = FileRow & { readonly state: 'live' };

/** Files that are read at once where all are. */
const AT_ONCE = 8;
const NOTHING = Buffer.alloc(0);

/** Sessions in files, one each, shared by all processes of one user on one machine. Not for NFS that several machines
 *  mount: they see each other's names too late, so that a save could be lost. What is not about one row by its key
 *  (`list`, `destroySubject`, `count`, `scan`, `prune`) reads every file. */
export class FileStore implements SessionStore {
  readonly kind = 'files';
  readonly name = 'session';
  readonly guarded = true;
  private readonly queue = new KeyQueue();
  private opened: Opened | undefined;

  constructor(private readonly options: FileStoreOptions) {}

  async open(): Promise<void> {
    const { path, depth, mode, pruneBatch } = resolveFileOptions(this.options);
    if (process.platform === 'win32') throw needsPosix();
    const owner = { uid: process.geteuid!(), mode };
    const folder = new RowFolder(await openFolder(path, owner), depth, owner);
    const swap = new RowSwap(folder);
    this.opened = { folder, swap, pruner: new FilePruner(folder, swap, () => this.now(), pruneBatch) };
  }

  now(): Date {
    return this.options.now?.() ?? new Date();
  }

  load(key: Buffer): Promise<LoadedRow | undefined> {
    return this.ask('load', async ({ folder }) => {
      const row = await folder.read(key);
      const now = this.now();
      if (typeof row === 'string' || row.deadline <= now || row.state === 'removed') return undefined;
      const { sealed, version, state } = row;
      return { key, sealed, version, state, now };
    });
  }

  create(row: SessionRow): Promise<void> {
    return this.ask('create', ({ swap }) => createIn(swap, 'create', row));
  }

  replace(row: SessionRow, version: number): Promise<ReplaceResult> {
    return this.change('replace', row.key, (held): Draft | 'gone' | 'conflict' => {
      if (!held) return 'gone';
      return held.version === version ? liveRow(row, version + 1) : 'conflict';
    });
  }

  /** The new row is on the disk before the old one becomes a tombstone: a crash in between leaves the old session as it
   *  was, and a row whose token nobody ever got, until its deadline. Never a tombstone without a successor. */
  move(oldKey: Buffer, version: number, row: SessionRow, tombstone: Tombstone): Promise<ReplaceResult> {
    const decide = (held: LiveRow | undefined): Draft | 'gone' | 'conflict' => {
      if (!held) return 'gone';
      return held.version === version ? buried(held, tombstone) : 'conflict';
    };
    return this.ask('move', ({ folder, swap }) =>
      this.queue.run(oldKey, async () => {
        const early = decide(this.liveOnly(await folder.read(oldKey)));
        if (typeof early === 'string') return early;
        await createIn(swap, 'move', row);
        const result = await swap.swap(oldKey, (held) => decide(this.liveOnly(held)));
        if (result !== 'saved') await removeFile(folder.rowPath(row.key));
        return result;
      }),
    );
  }

  destroy(key: Buffer, deadline: Date): Promise<boolean> {
    return this.end('destroy', key, deadline);
  }

  async touch(row: SessionRow, version: number): Promise<void> {
    const decide = (held: LiveRow | undefined) =>
      held?.version === version ? liveRow(row, version) : 'other';
    await this.change('touch', row.key, decide, false);
  }

  /** Looks at `pruneBatch` files, or at as many as it takes to find one that has expired. Files that are not ours alone
   *  are left for you to see. */
  prune(): Promise<number> {
    return this.ask('prune', ({ pruner }) => pruner.prune());
  }

  list(subject: string): Promise<ListedRow[]> {
    return this.ask('list', async (opened) => {
      const own: FileRow[] = [];
      for await (const row of this.live(opened)) if (row.subject === stored(subject)) own.push(row);
      own.sort((a, b) => b.lastSeenAt.getTime() - a.lastSeenAt.getTime());
      return own.map(({ key, subject, createdAt, lastSeenAt }) => ({ key, subject, createdAt, lastSeenAt }));
    });
  }

  /** Walks until twice nothing is left: a row that moves during a walk may be passed under both of its keys. */
  destroySubject(subject: string, deadline: Date, except: Buffer | undefined): Promise<number> {
    return this.ask('destroySubject', async (opened) => {
      let ended = 0;
      for (let quiet = 0; quiet < 2;) {
        const more = await this.endWalk(opened, subject, deadline, except);
        ended += more;
        quiet = more ? 0 : quiet + 1;
      }
      return ended;
    });
  }

  count(): Promise<number> {
    return this.ask('count', async (opened) => {
      let rows = 0;
      for await (const _ of this.live(opened)) rows++;
      return rows;
    });
  }

  scan(after: Buffer | undefined, limit: number): Promise<FoundRow[]> {
    return this.ask('scan', async (opened) => {
      const found: FoundRow[] = [];
      if (limit < 1) return found;
      for await (const { id: _, ...row } of this.live(opened, after))
        if (found.push({ ...row, now: this.now() }) >= limit) break;
      return found;
    });
  }

  private async endWalk(opened: Opened, subject: string, deadline: Date, except: Buffer | undefined) {
    let ended = 0;
    for await (const row of this.live(opened)) {
      if (row.subject !== stored(subject) || except?.equals(row.key)) continue;
      if (await this.end('destroySubject', row.key, deadline)) ended++;
    }
    return ended;
  }

  private async end(operation: string, key: Buffer, deadline: Date): Promise<boolean> {
    const grave: Tombstone = { state: 'ended', sealed: NOTHING, deadline };
    const result = await this.change(operation, key, (held) => (held ? buried(held, grave) : 'gone'));
    return result === 'saved';
  }

  private change<W extends string>(
    operation: string,
    key: Buffer,
    decide: (held: LiveRow | undefined) => Draft | W,
    durable = true,
  ): Promise<'saved' | W> {
    return this.ask(operation, ({ swap }) =>
      this.queue.run(key, () => swap.swap(key, (held) => decide(this.liveOnly(held)), durable)),
    );
  }

  private async *live({ folder }: Opened, after?: Buffer): AsyncGenerator<LiveRow> {
    const read = async (keys: Buffer[]) =>
      (await Promise.all(keys.map((key) => folder.read(key)))).flatMap((row) => this.liveOnly(row) ?? []);
    let keys: Buffer[] = [];
    for await (const { kind, key } of folder.files(after)) {
      if (kind !== 'row' || keys.push(key) < AT_ONCE) continue;
      yield* await read(keys);
      keys = [];
    }
    yield* await read(keys);
  }

  private liveOnly(row: FileRow | string | undefined): LiveRow | undefined {
    if (typeof row !== 'object' || row.state !== 'live' || row.deadline <= this.now()) return undefined;
    return row as LiveRow;
  }

  /** Failures of the system are told by their code alone: their messages hold the names of files. */
  private async ask<R>(operation: string, work: (opened: Opened) => Promise<R>): Promise<R> {
    if (!this.opened) throw new SessionStoreError(operation, 'not open');
    try {
      return await work(this.opened);
    } catch (error) {
      throw SessionStoreError.from(operation, error);
    }
  }
}

async function createIn(swap: RowSwap, operation: string, row: SessionRow): Promise<void> {
  if (!(await swap.create(liveRow(row, 1)))) throw new SessionStoreError(operation, 'duplicate');
}

/** Written out: the row may bring fields of its own. */
const liveRow = (row: SessionRow, version: number): Draft => ({
  key: row.key,
  sealed: row.sealed,
  subject: row.subject,
  createdAt: row.createdAt,
  lastSeenAt: row.lastSeenAt,
  deadline: row.deadline,
  version,
  state: 'live',
});

const buried = (held: LiveRow, { state, sealed, deadline }: Tombstone): Draft => ({
  ...held,
  state,
  sealed,
  deadline,
  version: held.version + 1,
});

/** A subject as it comes back from UTF-8. */
const stored = (subject: string) => Buffer.from(subject).toString();

const needsPosix = () =>
  new SessionConfigError([
    {
      path: 'store',
      message:
        'fileStore() needs owners and modes of files as POSIX has them, and Windows has not; use typeOrmStore()',
    },
  ]);
