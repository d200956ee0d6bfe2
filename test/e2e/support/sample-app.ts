import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getSessionClockToken, type SessionClock } from 'nestjs-session-crypto';
import { vi } from 'vitest';
import { AppModule } from '../../../sample-app/app.module.js';
import { appConfig } from '../../../sample-app/config/app.config.js';
import { createAdapter } from '../../../sample-app/platform/create-adapter.js';
import { listen } from '../../../sample-app/platform/listen.js';
import { setUp } from '../../../sample-app/platform/set-up.js';
import { sampleDatabase } from './sample-database.js';

/** What the machine's own environment may set. */
const UNSET = { DATABASE_URL: undefined, SESSION_SECRET: undefined, HOST: undefined };

export interface RunningSample {
  readonly port: number;
  /** Moves the clock of the sessions on, by seconds. */
  advance(seconds: number): void;
  close(): Promise<void>;
}

/** A folder that is gone afterwards. */
export async function temporaryFolder(): Promise<{ folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'sample-app-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** The sample application with a folder of its own, and a database of its own where TEST_DATABASE_URL names a server. */
export async function startSample(env: Record<string, string>): Promise<RunningSample> {
  const { folder, remove } = await temporaryFolder();
  const database = await sampleDatabase();
  const { close, ...sample } = await startSampleIn(folder, { DATABASE_URL: database?.url, ...env });
  return {
    ...sample,
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
): Promise<RunningSample> {
  const given = { ...UNSET, DATA_DIR, PORT: '0', ...env };
  for (const [name, value] of Object.entries(given)) vi.stubEnv(name, value);
  let ahead = 0;
  try {
    const app = await start((actual) => new Date(actual.getTime() + 1000 * ahead));
    const { port } = app.getHttpServer().address() as AddressInfo;
    return { port, advance: (seconds) => void (ahead += seconds), close: () => app.close() };
  } finally {
    vi.unstubAllEnvs();
  }
}

async function start(clock: SessionClock): Promise<INestApplication> {
  const config = appConfig();
  const compiled = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(getSessionClockToken())
    .useValue(clock)
    .compile();
  const app = compiled.createNestApplication(createAdapter(config), { httpsOptions: config.tls });
  await listen(setUp(app), config);
  return app;
}
