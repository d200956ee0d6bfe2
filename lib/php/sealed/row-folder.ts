import { access, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from '../../errors/session-store.error.js';
import {
  makeFolder,
  readOwnFile,
  syncFolder,
  writeNewFile,
  type FileOwner,
} from '../private/private-file.js';
import { decodeFileRow, encodeFileRow, type FileRow } from './file-row.js';

/** `row`: the current row. `proposal`: a row that is not in place yet. `claim`: see {@link RowSwap}. */
export type FileKind = 'row' | 'proposal' | 'claim';

/** A file of the store, as its name describes it. */
export interface FoundFile {
  readonly kind: FileKind;
  readonly key: Buffer;
  readonly path: string;
}

/** The row in a file. `absent`: there is no file. `refused`: other users can use it. `garbage`: it holds no row of its key. */
export type FileContent = FileRow | 'absent' | 'refused' | 'garbage';

const LEVEL = /^[0-9a-f]{2}$/;
const FILE = /^([0-9a-f]{64})(?:\.[0-9a-f]{32}\.(new|next))?$/;
const KINDS = { new: 'proposal', next: 'claim' } as const;

/** The files of all rows. A file is named by the key in hex. Its `depth` folders are named by the first bytes of the key.
 *
 *      ab/ab12…ef                 the row
 *      ab/ab12…ef.<id>.new        a proposal: the row `id`, complete and on the disk
 *      ab/ab12…ef.<id>.next       a claim: a hard link to the row that may replace the row `id` */
export class RowFolder {
  constructor(
    readonly root: string,
    private readonly depth: number,
    readonly owner: FileOwner,
  ) {}

  rowPath(key: Buffer): string {
    const hex = key.toString('hex');
    return join(this.root, ...this.levels(hex), hex);
  }

  proposalPath(key: Buffer, id: string): string {
    return `${this.rowPath(key)}.${id}.new`;
  }

  claimPath(key: Buffer, id: string): string {
    return `${this.rowPath(key)}.${id}.next`;
  }

  /** Reads the current row. Rejects if the whole folder is gone, which would look as if all sessions had ended. */
  async read(key: Buffer): Promise<FileContent> {
    const row = await this.readAt(this.rowPath(key), key);
    if (row === 'absent') await access(this.root);
    return row;
  }

  /** Reads a row from a file of any kind. */
  async readAt(path: string, key: Buffer): Promise<FileContent> {
    const bytes = await readOwnFile(path, this.owner);
    return typeof bytes === 'string' ? bytes : (decodeFileRow(bytes, key) ?? 'garbage');
  }

  /** Writes a proposal and returns its path. Makes missing folders. */
  async propose(row: FileRow): Promise<string> {
    const path = this.proposalPath(row.key, row.id);
    const write = () => writeNewFile(path, encodeFileRow(row), this.owner.mode);
    await write().catch(async (error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error;
      await this.makeLevels(row.key);
      await write();
    });
    return path;
  }

  /** Waits until the disk has the names of a row's files. */
  sync(key: Buffer): Promise<void> {
    return syncFolder(dirname(this.rowPath(key)));
  }

  /** Returns all files in the order of their keys, from the first key after `after` on. The row comes before the other
   *  files of its key. */
  files(after?: Buffer): AsyncGenerator<FoundFile> {
    return this.walk(this.root, '', after?.toString('hex') ?? '');
  }

  private async *walk(folder: string, prefix: string, after: string): AsyncGenerator<FoundFile> {
    const names = (await readdir(folder).catch(noFilesUnless(folder === this.root))).toSorted();
    if (prefix.length < 2 * this.depth) {
      for (const name of names)
        if (LEVEL.test(name) && prefix + name >= after.slice(0, prefix.length + 2))
          yield* this.walk(join(folder, name), prefix + name, after);
      return;
    }
    for (const name of names) {
      const [, hex, ending] = FILE.exec(name) ?? [];
      if (!hex?.startsWith(prefix) || hex <= after) continue;
      const kind = ending ? KINDS[ending as keyof typeof KINDS] : 'row';
      yield { kind, key: Buffer.from(hex, 'hex'), path: join(folder, name) };
    }
  }

  private levels(hex: string): string[] {
    return Array.from({ length: this.depth }, (_, level) => hex.slice(2 * level, 2 * level + 2));
  }

  /** Makes the folders one after another instead of recursively, so that a root that is gone is not made again. */
  private async makeLevels(key: Buffer): Promise<void> {
    let folder = this.root;
    for (const level of this.levels(key.toString('hex'))) {
      const parent = folder;
      folder = join(folder, level);
      if (await makeFolder(folder)) await syncFolder(parent);
    }
  }
}

/** Treats a folder that is gone, or a file in its place, as a folder without files. The root must exist. */
const noFilesUnless = (isRoot: boolean) => (error: unknown) => {
  const code = codeOf(error);
  if (isRoot || (code !== 'ENOENT' && code !== 'ENOTDIR')) throw error;
  return [];
};
