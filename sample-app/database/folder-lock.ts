import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartupError } from '../config/startup.error.js';

/** The lock files of this process. In a container a dead process may have had our number, so a file with our number
 *  counts only if it is among these. */
const held = new Set<string>();

/** Keeps a folder for one process. PGlite has no lock of its own, and a second process would lose rows. */
export class FolderLock {
  private constructor(private readonly file: string) {}

  /** Takes the lock, also from a dead process. Throws a StartupError while a living process has it. */
  static take(folder: string): FolderLock {
    const file = join(folder, 'lock');
    if (!tryToWrite(file)) {
      refuseIfAlive(folder, file);
      rmSync(file, { force: true });
      if (!tryToWrite(file)) throw inUse(folder, file, 'another process');
    }
    held.add(file);
    return new FolderLock(file);
  }

  release(): void {
    if (held.delete(this.file)) rmSync(this.file, { force: true });
  }
}

function tryToWrite(file: string): boolean {
  try {
    writeFileSync(file, `${process.pid}\n`, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function refuseIfAlive(folder: string, file: string): void {
  const pid = Number(readFileSync(file, 'utf8'));
  const alive = pid === process.pid ? held.has(file) : isAlive(pid);
  if (alive) throw inUse(folder, file, `process ${pid}`);
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // it is alive, and belongs to another user
  }
}

const inUse = (folder: string, file: string, who: string) =>
  new StartupError(
    `The data folder ${folder} is in use by ${who}. Stop it, or set DATA_DIR to another folder ` +
      `(or delete ${file} if that process is not this application).`,
  );
