import { stat } from 'node:fs/promises';
import { codeOf } from '../../errors/session-store.error.js';
import type { FileRow } from './file-row.js';
import { removeFile } from './private-file.js';
import type { FoundFile, RowFolder } from './row-folder.js';
import type { Draft, RowSwap } from './row-swap.js';

/** Milliseconds after which what is not in place was left by a crash. */
const STALE = 3_600_000;

/** Removes what has expired and what a crash has left: so many files a call, from where the last call ended, or as many
 *  as it takes to find one. */
export class FilePruner {
  /** Where the last call ended; `undefined`: at the end. */
  private after: Buffer | undefined;

  constructor(
    private readonly folder: RowFolder,
    private readonly swap: RowSwap,
    private readonly now: () => Date,
    private readonly batch: number,
  ) {}

  /** How many rows went; 0 where none is left. */
  async prune(): Promise<number> {
    let removed: number;
    do removed = await this.pruneBatch();
    while (!removed && this.after);
    return removed;
  }

  private async pruneBatch(): Promise<number> {
    let removed = 0;
    let seen = 0;
    let key: Buffer | undefined;
    for await (const file of this.folder.files(this.after)) {
      if (seen++ >= this.batch && !key?.equals(file.key)) {
        this.after = key; // all files of one key belong to one call
        return removed;
      }
      key = file.key;
      if (await this.clear(file)) removed++;
    }
    this.after = undefined;
    return removed;
  }

  private async clear(file: FoundFile): Promise<boolean> {
    if (file.kind === 'row') return this.clearRow(file);
    if (!(await isStale(file.path))) return false;
    if (file.kind === 'proposal' || (await this.isSettled(file.key))) await removeFile(file.path);
    return false;
  }

  private async clearRow({ key, path }: FoundFile): Promise<boolean> {
    const row = await this.folder.read(key);
    if (row === 'garbage') return removeFile(path); // nobody can follow upon it
    if (typeof row === 'string' || row.deadline > this.now()) return false;
    if (row.state === 'removed') return this.clearRemoved(path);
    const decide = (held: FileRow | undefined) => this.removal(held);
    if ((await this.swap.swap(key, decide, false)) !== 'saved') return false;
    return removeFile(path);
  }

  /** What tells every other process that the row has gone, before it has. */
  private removal(held: FileRow | undefined): Draft | 'kept' {
    if (!held || held.state === 'removed' || held.deadline > this.now()) return 'kept';
    return { ...held, state: 'removed', sealed: Buffer.alloc(0), subject: undefined };
  }

  /** Whoever put it there removes it too, unless it was killed. To remove by name is safe here since no row can come to
   *  that name before, and who puts one there afterwards has a key that was used before. */
  private async clearRemoved(path: string): Promise<boolean> {
    if (await isStale(path)) await removeFile(path);
    return false;
  }

  /** Whether no claim that was found before can be one on the row: it is written once more, under another id. */
  private async isSettled(key: Buffer): Promise<boolean> {
    await this.swap.swap(key, (held) => held ?? 'absent', false);
    return (await this.folder.read(key)) !== 'refused'; // it may be ours again, with its claims
  }
}

async function isStale(path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > STALE;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
