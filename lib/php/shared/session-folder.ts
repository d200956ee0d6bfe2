import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { access, lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../errors/session-store.error.js';
import { SessionConfigError } from '../../errors/session-config.error.js';
import { checkFolder } from '../files/open-folder.js';
import { removeFile, type FileOwner } from '../files/private-file.js';
import { heldOnly, type FileLock, type LockKind } from './file-lock.js';
import { LockedFile } from './locked-file.js';

const PREFIX = 'sess_';
/** Names of PHP's session files; an id is never longer (mod_files.c, ps_files_valid_key). */
const FILE = /^sess_[A-Za-z0-9,-]{1,250}$/;
const LEVEL = /^[A-Za-z0-9,-]$/;

/** Sessions that one prune removes at most. */
const PRUNE_LIMIT = 10_000;

/** How many levels of folders there are, and of which letters the ids are that we make. */
export interface Levels {
  readonly depth: number;
  readonly letters: string;
}

/** The folder that PHP keeps its sessions in: `sess_ID`, under `depth` folders named by the first characters of the id
 *  (mod_files.c, ps_files_path_create). */
export class SessionFolder {
  private constructor(
    private readonly root: string,
    private readonly depth: number,
    private readonly owner: FileOwner,
    private readonly lock: FileLock,
  ) {}

  /** Rejects with a SessionConfigError where others could read the folder or put something in its place, where a level
   *  is missing, or where its file system has no such locks. */
  static async open(
    path: string,
    { depth, letters }: Levels,
    owner: FileOwner,
    lock: FileLock,
  ): Promise<SessionFolder> {
    const { path: root, shared } = await checkFolder(path, owner);
    if (depth && shared)
      throw fault('depth', 'needs a folder that others may not write to: they could make the folders in it');
    if (depth) for (const letter of letters) await checkLevel(join(root, letter), owner);
    if (depth) await checkLevel(join(root, ...letters.charAt(0).repeat(depth)), owner);
    const folder = new SessionFolder(root, depth, owner, lock);
    await folder.tryOut();
    return folder;
  }

  /** Runs `work` on the file of an id while it is locked; `undefined` where there is none that is ours. Rejects with the
   *  code `locked` when somebody else holds it until `until`. */
  async use<R>(
    id: string,
    kind: LockKind,
    until: number,
    work: (file: LockedFile) => Promise<R>,
  ): Promise<R | undefined> {
    const { lock, owner } = this;
    const result = await LockedFile.use(this.pathOf(id), kind, { lock, owner, until }, work);
    if (result === undefined) await this.checkThere();
    return result;
  }

  /** Runs `work` on the new file of an id. Rejects with the code `EEXIST` where there is one. */
  async create<R>(id: string, work: (file: LockedFile) => Promise<R>): Promise<R> {
    const path = this.pathOf(id);
    try {
      return await LockedFile.create(path, this.owner.mode, this.lock, work);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') await removeFile(path).catch(() => false); // half a session is none
      throw error;
    }
  }

  /** The user whose file stands in the place of ours; `undefined` where there is none. */
  async foreignOwner(id: string): Promise<number | undefined> {
    const stats = await lstat(this.pathOf(id)).catch(() => undefined);
    return stats?.isFile() && stats.uid !== this.owner.uid ? stats.uid : undefined;
  }

  remove(id: string): Promise<boolean> {
    return removeFile(this.pathOf(id));
  }

  /** Removes what was not used since `before`, and nothing that somebody holds or that is not ours; says how many. A
   *  folder that may not be listed is left to whoever may. @see PHP `session_gc()` */
  async prune(before: Date): Promise<number> {
    let count = 0;
    for await (const path of this.files(this.root, this.depth)) {
      if (await this.clear(path, before.getTime())) count++;
      if (count >= PRUNE_LIMIT) break;
    }
    return count;
  }

  private async clear(path: string, before: number): Promise<boolean> {
    const stats = await lstat(path).catch(goneMeanwhile);
    if (!stats || stats.uid !== this.owner.uid || stats.mtimeMs >= before) return false;
    const { lock, owner } = this;
    const remove = async (file: LockedFile) => (await file.usedAt()) < before && removeFile(path);
    const once = { lock, owner, until: 0 };
    return (await LockedFile.use(path, 'exclusive', once, remove).catch(heldOnly)) ?? false;
  }

  private async *files(folder: string, depth: number): AsyncGenerator<string> {
    const entries = await opendir(folder).catch(unlistable);
    if (!entries) return;
    for await (const { name } of entries) {
      if (depth && LEVEL.test(name)) yield* this.files(join(folder, name), depth - 1);
      if (!depth && FILE.test(name)) yield join(folder, name);
    }
  }

  private pathOf(id: string): string {
    return join(this.root, ...id.slice(0, this.depth), PREFIX + id);
  }

  /** Else all sessions seem to have ended when the folder goes. */
  private checkThere(): Promise<void> {
    return access(this.root, constants.W_OK | constants.X_OK);
  }

  private async tryOut(): Promise<void> {
    const name = join(this.root, `${randomBytes(16).toString('hex')}.try`);
    const until = performance.now();
    const { lock, owner } = this;
    try {
      await LockedFile.create(name, 0o600, lock, async () => true);
      const touch = (file: LockedFile) => file.touch(new Date()).then(() => true);
      const isOurs = await LockedFile.use(name, 'exclusive', { lock, owner, until }, touch);
      if (!isOurs) throw Object.assign(new Error(), { code: 'FOREIGN_OWNER' });
    } catch (error) {
      throw fault('path', `${this.root} has no files that can be made and locked there (${codeOf(error)}); name a folder on a local disk that the user of the application may write to`); // prettier-ignore
    } finally {
      await removeFile(name).catch(() => false);
    }
  }
}

async function checkLevel(path: string, owner: FileOwner): Promise<void> {
  try {
    if (!(await checkFolder(path, owner)).shared) return;
  } catch {
    // said below, with what PHP needs
  }
  throw fault(
    'depth',
    `needs the folders that PHP's mod_files.sh makes, its owner's alone, and ${path} is none; make them for each first character of an id, or set id.bitsPerCharacter to what they were made for`,
  );
}

const fault = (option: string, message: string) =>
  new SessionConfigError([{ path: `store.${option}`, message }]);

function goneMeanwhile(error: unknown): Stats | undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
  return undefined;
}

/** Debian's folder may be written to and not be listed; and what has the name of a level may be none. */
function unlistable(error: unknown): undefined {
  if (!['EACCES', 'ENOTDIR'].includes(codeOf(error))) throw error;
}
