import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { access, lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../errors/session-store.error.js';
import { SessionConfigError } from '../../errors/session-config.error.js';
import { removeFile, type FileOwner } from '../private/private-file.js';
import { ownFolder } from '../private/folder-access.js';
import { checkFolder } from '../private/private-folder.js';
import { refuseAfter } from '../../stores/time-limit.js';
import { ignoreLocked, type FileLock, type LockKind } from './file-lock.js';
import { LockedFile } from './locked-file.js';
import type { SharedPlace } from './shared-place.interface.js';

const PREFIX = 'sess_';
/** The names of PHP's session files. An id is never longer (ps_files_valid_key, mod_files.c). */
const FILE = /^sess_[A-Za-z0-9,-]{1,250}$/;
const LEVEL = /^[A-Za-z0-9,-]$/;

/** The largest number of sessions that one prune removes. */
const PRUNE_LIMIT = 10_000;

/** The levels of folders below the named one. */
export interface Levels {
  readonly depth: number;
  /** The characters that new ids are made of. There must be a folder for each. */
  readonly letters: string;
}

/** The folder in which PHP keeps its sessions. The file `sess_ID` is below `depth` folders, which are named by the first
 *  characters of the id (ps_files_path_create, mod_files.c). */
export class SessionFolder implements SharedPlace {
  private constructor(
    private readonly root: string,
    private readonly depth: number,
    private readonly owner: FileOwner,
    private readonly lock: FileLock,
  ) {}

  /** Rejects with a SessionConfigError if other users could read the folder or replace a part of it, if a level is missing,
   *  or if its file system has no flock(2). */
  static async open(
    path: string,
    { depth, letters }: Levels,
    owner: FileOwner,
    lock: FileLock,
  ): Promise<SessionFolder> {
    const { path: root, shared } = await checkFolder(path, owner);
    if (depth && shared)
      throw fault(
        'depth',
        `needs a folder that other users cannot write to, because they could make the folders in it; set depth 0, or ${ownFolder(owner.uid)}`,
      );
    if (depth) for (const letter of letters) await checkLevel(join(root, letter), owner);
    if (depth) await checkLevel(join(root, ...letters.charAt(0).repeat(depth)), owner);
    const folder = new SessionFolder(root, depth, owner, lock);
    await folder.probe();
    return folder;
  }

  /** Runs `work` on the locked file of an id. Returns `undefined` if there is none that only this user can write. Rejects
   *  with the code `locked` if another process holds the lock until `until`. */
  async use<R>(
    id: string,
    kind: LockKind,
    until: number,
    work: (file: LockedFile) => Promise<R>,
  ): Promise<R | undefined> {
    const { lock, owner } = this;
    const result = await LockedFile.use(this.pathOf(id), kind, { lock, owner, until }, work);
    if (result === undefined) await this.checkRoot();
    return result;
  }

  /** Runs `work` on the new file of an id. Rejects with the code `EEXIST` if there is one. If `work` fails, removes the file,
   *  because an incomplete session must not remain. */
  async create<R>(id: string, work: (file: LockedFile) => Promise<R>): Promise<R> {
    const path = this.pathOf(id);
    try {
      return await LockedFile.create(path, this.owner.mode, this.lock, work);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') await removeFile(path).catch(() => false);
      throw error;
    }
  }

  /** Returns the other user who owns the file of an id. Returns `undefined` if this user does, or if there is no file. */
  async foreignOwner(id: string): Promise<number | undefined> {
    const stats = await lstat(this.pathOf(id)).catch(() => undefined);
    return stats?.isFile() && stats.uid !== this.owner.uid ? stats.uid : undefined;
  }

  /** Returns `false` if there was no file. */
  async remove(id: string, latest = Infinity): Promise<boolean> {
    refuseAfter(latest, 'destroy');
    return removeFile(this.pathOf(id));
  }

  /** Removes the sessions that were not used since `before`, and returns their number. Leaves files that another process has
   *  locked or that belong to other users. In a folder that cannot be listed it removes nothing.
   *  @see PHP `session_gc()` */
  async prune(before: Date): Promise<number> {
    let count = 0;
    for await (const path of this.files(this.root, this.depth)) {
      if (await this.clear(path, before.getTime())) count++;
      if (count >= PRUNE_LIMIT) break;
    }
    return count;
  }

  /** Removes one file if it was not used since `before`. Looks again under the lock, because PHP may have used it. */
  private async clear(path: string, before: number): Promise<boolean> {
    const stats = await lstat(path).catch(unlessGone);
    if (!stats || stats.uid !== this.owner.uid || stats.mtimeMs >= before) return false;
    const { lock, owner } = this;
    const remove = async (file: LockedFile) => (await file.usedAt()) < before && removeFile(path);
    const once = { lock, owner, until: 0 };
    return (await LockedFile.use(path, 'exclusive', once, remove).catch(ignoreLocked)) ?? false;
  }

  /** Returns the paths of the session files below a folder, in no order. */
  private async *files(folder: string, depth: number): AsyncGenerator<string> {
    const entries = await opendir(folder).catch(unlessUnlistable);
    if (!entries) return;
    for await (const { name } of entries) {
      if (depth && LEVEL.test(name)) yield* this.files(join(folder, name), depth - 1);
      if (!depth && FILE.test(name)) yield join(folder, name);
    }
  }

  /** Returns the path of an id's file, as PHP makes it. */
  private pathOf(id: string): string {
    return join(this.root, ...id.slice(0, this.depth), PREFIX + id);
  }

  /** Rejects if the whole folder is gone, which would look as if all sessions had ended. */
  private checkRoot(): Promise<void> {
    return access(this.root, constants.W_OK | constants.X_OK);
  }

  /** Makes, locks and removes a file, as every save does. */
  private async probe(): Promise<void> {
    const name = join(this.root, `${randomBytes(16).toString('hex')}.try`);
    const until = performance.now();
    const { lock, owner } = this;
    try {
      await LockedFile.create(name, 0o600, lock, async () => true);
      const touch = (file: LockedFile) => file.touch(new Date()).then(() => true);
      const isOwn = await LockedFile.use(name, 'exclusive', { lock, owner, until }, touch);
      if (!isOwn) throw Object.assign(new Error(), { code: 'FOREIGN_OWNER' });
    } catch (error) {
      throw fault(
        'path',
        `files cannot be made and locked in ${this.root} (${codeOf(error)}); write the path of a folder on a local disk that the user of the application can write to`,
        codeOf(error),
      );
    } finally {
      await removeFile(name).catch(() => false);
    }
  }
}

/** Rejects with a SessionConfigError that says what PHP needs, whatever is wrong with the folder. */
async function checkLevel(path: string, owner: FileOwner): Promise<void> {
  const folder = await checkFolder(path, owner).catch(() => undefined);
  if (folder && !folder.shared) return;
  throw fault(
    'depth',
    `needs the folders of PHP's mod_files.sh, which only their owner can use, but ${path} is not such a folder; make one for each first character of an id, or set id.bitsPerCharacter to the value that they were made for`,
  );
}

const fault = (option: string, message: string, reason?: string) =>
  new SessionConfigError([{ path: `store.${option}`, message, reason }]);

function unlessGone(error: unknown): Stats | undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
  return undefined;
}

/** Handles a folder that can be written to but not listed, as Debian's, and a file with the name of a level. */
function unlessUnlistable(error: unknown): undefined {
  if (!['EACCES', 'ENOTDIR'].includes(codeOf(error))) throw error;
}
