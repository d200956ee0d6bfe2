import { createHash } from 'node:crypto';
import { access, readdir, rmdir, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from '../../errors/session-store.error.js';
import { isStale, makeFolder, syncFolder, unlessCode } from '../private/private-file.js';
import type { FileContent, RowFolder } from './row-folder.js';

/** The name of the folder of the index. */
export const BY_SUBJECT = 'by-subject';
const SUBJECT = /^[0-9a-f]{64}$/;
const KEY = /^[0-9a-f]{64}$/;
/** The folders of subjects are spread over this many folders, by their first byte. */
const SPREAD = 256;
/** Attempts to add an entry while another process removes its empty folder. */
const MAX_ATTEMPTS = 10;

/** Finds the keys of a subject's rows without reading the files of others.
 *
 *      by-subject/complete              a folder that says that every live row has its entry
 *      by-subject/ab/ab12…ef/<key>      an empty folder, the entry: the subject whose SHA-256 is ab12…ef may own the row
 *                                       <key>. A folder is made in one step, without an open file
 *
 *  Readers check the row itself, so an entry too many is harmless, and one too few would hide a session. Therefore:
 *
 *  - An entry is on the disk before its row is. A crash leaves an entry without a row.
 *  - An entry is removed when its row has ended, because an ended row never lives again.
 *  - Other entries without a live row are removed by {@link sweep} after an hour. It looks at the row again afterwards, and a
 *    writer looks at its entry again afterwards, so that one of them puts an entry back that was needed. */
export class SubjectIndex {
  private readonly root: string;
  /** The number of the folder that the next sweep inspects. */
  private next = 0;

  constructor(private readonly folder: RowFolder) {
    this.root = join(folder.root, BY_SUBJECT);
  }

  /** Adds the entries of all live rows, unless that was done before: these files are older than the index, or somebody has
   *  removed it. While a file cannot be read, the index stays incomplete: the file may become usable again, and its session
   *  would be hidden. */
  async build(contents: AsyncIterable<FileContent>): Promise<void> {
    if (await this.isComplete()) return;
    await makeFolder(this.root);
    let isWhole = true;
    for await (const row of contents)
      if (typeof row === 'string') isWhole &&= row === 'absent';
      else if (row.state === 'live') await this.add(row.subject, row.key);
    if (!isWhole) return;
    await makeFolder(this.markerPath());
    await syncFolder(this.root);
    await syncFolder(this.folder.root);
  }

  /** Adds an entry and waits until the disk has it. Call it before the row is written. */
  async add(subject: string | undefined, key: Buffer): Promise<void> {
    if (subject === undefined) return;
    const path = this.entryPath(subject, key);
    for (let attempt = 1; ; attempt++)
      try {
        return await this.write(path);
      } catch (error) {
        if (codeOf(error) !== 'ENOENT' || attempt === MAX_ATTEMPTS) throw error;
        await this.makeFolders(dirname(path));
      }
  }

  /** Adds an entry again that a sweep has removed in the meantime. Call it after the row is written. */
  async confirm(subject: string | undefined, key: Buffer): Promise<void> {
    if (subject === undefined) return;
    const isThere = await unlessCode('ENOENT', access(this.entryPath(subject, key)));
    if (!isThere) await this.add(subject, key);
  }

  /** Removes the entry of a row that has ended. A failure leaves an entry too many. */
  async remove(subject: string | undefined, key: Buffer): Promise<void> {
    if (subject !== undefined) await rmdir(this.entryPath(subject, key)).catch(() => undefined);
  }

  /** Returns the keys of rows that may belong to a subject. Returns `undefined` if the index is gone, so that every row has to
   *  be read. */
  async keysOf(subject: string): Promise<Buffer[] | undefined> {
    const names = await namesIn(this.subjectPath(subject));
    if (!(await this.isComplete())) return undefined;
    return names.filter((name) => KEY.test(name)).map((name) => Buffer.from(name, 'hex'));
  }

  /** Inspects one of {@link SPREAD} folders and removes the entries that a crash has left there. */
  async sweep(): Promise<void> {
    const spread = join(this.root, this.next.toString(16).padStart(2, '0'));
    this.next = (this.next + 1) % SPREAD;
    for (const subject of (await namesIn(spread)).filter((name) => SUBJECT.test(name))) {
      const path = join(spread, subject);
      for (const name of (await namesIn(path)).filter((one) => KEY.test(one)))
        if (await isStale(join(path, name))) await this.clear(join(path, name), subject, name);
      await rmdir(path).catch(() => undefined); // it is not empty, or gone already
    }
  }

  private async clear(path: string, subject: string, name: string): Promise<void> {
    const key = Buffer.from(name, 'hex');
    const owned = async () => {
      const row = await this.folder.read(key);
      if (typeof row === 'string') return row !== 'absent'; // such a file may become usable again
      return row.state === 'live' && row.subject !== undefined && hashOf(row.subject) === subject;
    };
    if (await owned()) return;
    await rmdir(path).catch(unlessGone);
    if (await owned()) await this.write(path);
  }

  /** An entry that is there becomes new, so that no sweep takes it for old. */
  private async write(path: string): Promise<void> {
    if (!(await makeFolder(path))) await utimes(path, new Date(), new Date());
    await syncFolder(dirname(path));
  }

  private async makeFolders(path: string): Promise<void> {
    for (const folder of [this.root, dirname(path), path])
      if (await makeFolder(folder)) await syncFolder(dirname(folder));
  }

  private isComplete(): Promise<boolean> {
    return unlessCode('ENOENT', access(this.markerPath()));
  }

  private markerPath(): string {
    return join(this.root, 'complete');
  }

  private entryPath(subject: string, key: Buffer): string {
    return join(this.subjectPath(subject), key.toString('hex'));
  }

  private subjectPath(subject: string): string {
    const hash = hashOf(subject);
    return join(this.root, hash.slice(0, 2), hash);
  }
}

const hashOf = (subject: string) => createHash('sha256').update(subject).digest('hex');

function unlessGone(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error;
}

/** Returns the names in a folder, and none if there is no folder. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
