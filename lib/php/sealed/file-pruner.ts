import { isStale, removeFile } from '../private/private-file.js';
import type { FileRow } from './file-row.js';
import type { FoundFile, RowFolder } from './row-folder.js';
import type { Draft, RowSwap } from './row-swap.js';
import type { SubjectIndex } from './subject-index.js';

/** Removes expired rows and the files that a crash has left, a batch of files per call. */
export class FilePruner {
  /** The key after which the next batch begins. `undefined` for the first key. */
  private after: Buffer | undefined;

  constructor(
    private readonly folder: RowFolder,
    private readonly swap: RowSwap,
    private readonly index: SubjectIndex,
    private readonly now: () => Date,
    /** The number of files per batch. */
    private readonly batch: number,
  ) {}

  /** Inspects batches until one has an expired row or all files were inspected. Returns the number of removed rows, which is
   *  0 only if none is left. */
  async prune(): Promise<number> {
    let removed: number;
    do removed = await this.pruneBatch();
    while (!removed && this.after);
    await this.index.sweep();
    return removed;
  }

  private async pruneBatch(): Promise<number> {
    let removed = 0;
    let seen = 0;
    let key: Buffer | undefined;
    for await (const file of this.folder.files(this.after)) {
      if (seen++ >= this.batch && !key?.equals(file.key)) {
        this.after = key; // all files of one key belong to one batch
        return removed;
      }
      key = file.key;
      if (await this.clear(file)) removed++;
    }
    this.after = undefined;
    return removed;
  }

  /** Returns `true` if it has removed a row. */
  private async clear(file: FoundFile): Promise<boolean> {
    if (file.kind === 'row') return this.clearRow(file);
    if (!(await isStale(file.path))) return false;
    if (file.kind === 'proposal' || (await this.settle(file.key))) await removeFile(file.path);
    return false;
  }

  private async clearRow({ key, path }: FoundFile): Promise<boolean> {
    const row = await this.folder.read(key);
    if (row === 'garbage') return removeFile(path); // it has no id, so nobody can claim to replace it
    if (typeof row === 'string' || row.deadline > this.now()) return false;
    if (row.state === 'removed') return this.clearRemoved(path);
    const decide = (current: FileRow | undefined) => this.removalOf(current);
    if ((await this.swap.swap(key, decide, false)) !== 'saved') return false;
    const isRemoved = await removeFile(path);
    await this.index.remove(row.subject, key);
    return isRemoved;
  }

  /** Returns the row that tells every other process that this one is gone, before its file is. */
  private removalOf(current: FileRow | undefined): Draft | 'kept' {
    if (!current || current.state === 'removed' || current.deadline > this.now()) return 'kept';
    return { ...current, state: 'removed', sealed: Buffer.alloc(0), subject: undefined };
  }

  /** Removes the file of a removed row whose process was killed before it could. Removing by name is safe: no other row can
   *  have come to this name, because a new row there would need a key that was used before. */
  private async clearRemoved(path: string): Promise<boolean> {
    if (await isStale(path)) await removeFile(path);
    return false;
  }

  /** Writes the current row again, under another id, so that no claim that was found before can be a claim on it. Returns
   *  `false` if the file is refused, because it may become usable again together with its claims. */
  private async settle(key: Buffer): Promise<boolean> {
    await this.swap.swap(key, (current) => current ?? 'absent', false);
    return (await this.folder.read(key)) !== 'refused';
  }
}
