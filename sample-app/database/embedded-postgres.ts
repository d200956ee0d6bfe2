import { PGlite } from '@electric-sql/pglite';
import { dataDir } from '@electric-sql/pglite-prepopulatedfs';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FolderLock } from './folder-lock.js';
import { PGliteStream } from './pglite-stream.js';

/** Postgres in this process, its tables in a folder that no other process has meanwhile. */
export class EmbeddedPostgres {
  private constructor(
    private readonly pglite: PGlite,
    private readonly lock: FolderLock,
  ) {}

  static async open(folder: string): Promise<EmbeddedPostgres> {
    const lock = FolderLock.take(folder);
    try {
      return new EmbeddedPostgres(await openPGlite(join(folder, 'pglite')), lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** What the `pg` client takes for its socket. */
  connect(): PGliteStream {
    return new PGliteStream(this.pglite);
  }

  async close(): Promise<void> {
    if (!this.pglite.closed) await this.pglite.close();
    this.lock.release();
  }
}

/** A new folder is unpacked from a template, since making a database cluster takes several seconds. */
async function openPGlite(folder: string): Promise<PGlite> {
  if (existsSync(join(folder, 'PG_VERSION'))) return PGlite.create({ dataDir: folder });
  return PGlite.create({ dataDir: folder, loadDataDir: await dataDir() });
}
