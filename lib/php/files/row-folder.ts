import { access, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from '../../errors/session-store.error.js';
import { decodeFileRow, encodeFileRow, type FileRow } from './file-row.js';
import { makeFolder, readOwnFile, syncFolder, writeNewFile, type FileOwner } from './private-file.js';

/** `row`: the row itself; `proposal`: a row that is not in place yet; `claim`: see {@link RowSwap}. */
export type FileKind = 'row' | 'proposal' | 'claim';

/** A file of ours as its name tells. */
export interface FoundFile {
  readonly kind: FileKind;
  readonly key: Buffer;
  readonly path: string;
}

const LEVEL = /^[0-9a-f]{2}$/;
const FILE = /^([0-9a-f]{64})(?:\.[0-9a-f]{32}\.(new|next))?$/;
const KINDS = { new: 'proposal', next: 'claim' } as const;

/** Where the files of all rows are: named by the key in hex, under `depth` folders named by its first bytes.
 *
 *      ab/ab12…ef                 the row
 *      ab/ab12…ef.<id>.new        a proposal: the row `id`, complete and on the disk
 *      ab/ab12…ef.<id>.next       a claim: who may follow upon the row `id` */
export class RowFolder {
  constructor(
    private readonly root: string,
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

  /** The row in place. `absent`: none; `refused`: a file that is not ours alone; `garbage`: not a row of that key. */
  async read(key: Buffer): Promise<FileRow | 'absent' | 'refused' | 'garbage'> {
    const row = await this.readAt(this.rowPath(key), key);
    if (row === 'absent') await access(this.root); // else all sessions seem to have ended when the folder goes
    return row;
  }

  async readAt(path: string, key: Buffer): Promise<FileRow | 'absent' | 'refused' | 'garbage'> {
    const bytes = await readOwnFile(path, this.owner);
    return typeof bytes === 'string' ? bytes : (decodeFileRow(bytes, key) ?? 'garbage');
  }

  /** Writes a proposal; makes its folders where they are missing. */
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

  /** All files of ours in the order of their keys, after one key; the row before what else has its key. */
  files(after?: Buffer): AsyncGenerator<FoundFile> {
    return this.walk(this.root, '', after?.toString('hex') ?? '');
  }

  private async *walk(folder: string, prefix: string, after: string): AsyncGenerator<FoundFile> {
    const names = (await readdir(folder).catch(goneUnless(folder === this.root))).toSorted();
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

  /** One after the other: a root that has gone is not made again. */
  private async makeLevels(key: Buffer): Promise<void> {
    let folder = this.root;
    for (const level of this.levels(key.toString('hex'))) {
      const parent = folder;
      folder = join(folder, level);
      if (await makeFolder(folder)) await syncFolder(parent);
    }
  }
}

/** What is no folder, or is none any more, has no files; the root has to be there. */
const goneUnless = (root: boolean) => (error: unknown) => {
  const code = codeOf(error);
  if (root || (code !== 'ENOENT' && code !== 'ENOTDIR')) throw error;
  return [];
};
