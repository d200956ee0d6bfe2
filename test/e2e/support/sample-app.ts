import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { AppModule } from '../../../sample-app/app.module.js';
import { createAdapter, type Tls } from '../../../sample-app/config/server.js';
import { setUp } from '../../../sample-app/set-up.js';
import { sampleDatabase } from './sample-database.js';

export interface RunningSample {
  readonly port: number;
  close(): Promise<void>;
}

/** A folder that is gone afterwards. */
export async function temporaryFolder(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'sample-app-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** The sample application with a folder of its own, and a database of its own where TEST_DATABASE_URL names a server. */
export async function startSample(env: Record<string, string>, tls?: Tls): Promise<RunningSample> {
  const { folder, remove } = await temporaryFolder();
  const database = await sampleDatabase();
  const { port, close } = await startSampleIn(folder, { DATABASE_URL: database?.url, ...env }, tls);
  return {
    port,
    async close() {
      await close();
      await database?.drop();
      await remove();
    },
  };
}

/** The sample application over a data folder, under an environment, at a free port. */
export async function startSampleIn(
  DATA_DIR: string,
  env: Record<string, string | undefined> = {},
  tls?: Tls,
): Promise<RunningSample> {
  const given = { DATABASE_URL: undefined, SESSION_SECRET: undefined, DATA_DIR, ...env };
  for (const [name, value] of Object.entries(given)) vi.stubEnv(name, value);
  try {
    const app = await listen(tls);
    const { port } = app.getHttpServer().address() as AddressInfo;
    return { port, close: () => app.close() };
  } finally {
    vi.unstubAllEnvs();
  }
}

async function listen(tls?: Tls): Promise<INestApplication> {
  const compiled = await Test.createTestingModule({ imports: [AppModule.forRoot()] }).compile();
  const app = setUp(compiled.createNestApplication(createAdapter(process.env, tls), { httpsOptions: tls }));
  await app.listen(0, '127.0.0.1');
  return app;
}
