import { PGlite } from '@electric-sql/pglite';
import { dataDir } from '@electric-sql/pglite-prepopulatedfs';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { appConfig, type AppConfig } from '../config/app.config.js';
import { makeDataFolder } from '../config/data-folder.js';
import { FolderLock } from './folder-lock.js';
import { PGliteStream } from './pglite-stream.js';

/** A Postgres in this process. Its tables are in DATA_DIR. */
@Injectable()
export class EmbeddedPostgres implements OnApplicationShutdown {
  private lock: FolderLock | undefined;
  private pglite: PGlite | undefined;

  constructor(@Inject(appConfig.KEY) private readonly config: AppConfig) {}

  /** Starts the database. The options make TypeORM's `pg` client talk to it, over its one connection. */
  async start() {
    const folder = makeDataFolder(this.config.dataDir);
    this.lock = FolderLock.take(folder);
    const pglite = (this.pglite = await openPGlite(join(folder, 'pglite')));
    const extra = {
      stream: () => new PGliteStream(pglite),
      connectionTimeoutMillis: 5000,
      idleTimeoutMillis: 0,
    };
    return { username: 'postgres', database: 'postgres', poolSize: 1, extra };
  }

  /** Nest calls this after TypeORM has closed its connection, since TypeORM's module imports this one. */
  async onApplicationShutdown(): Promise<void> {
    await this.pglite?.close();
    this.lock?.release();
  }
}

/** A new folder is unpacked from a template, since it takes Postgres several seconds to make one. */
async function openPGlite(folder: string): Promise<PGlite> {
  if (existsSync(join(folder, 'PG_VERSION'))) return PGlite.create({ dataDir: folder });
  return PGlite.create({ dataDir: folder, loadDataDir: await dataDir() });
}
