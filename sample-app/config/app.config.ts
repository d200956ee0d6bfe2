import { registerAs, type ConfigType } from '@nestjs/config';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readEnvironment } from './environment.js';
import { StartupError } from './startup.error.js';

/** The configuration of the whole application. Inject it with `appConfig.KEY`. */
export const appConfig = registerAs('app', () => {
  const env = readEnvironment(process.env);
  return {
    port: Number(env.PORT),
    host: env.HOST,
    adapter: env.ADAPTER,
    /** `undefined` for plain http. */
    tls: env.TLS_KEY && env.TLS_CERT ? readTls(env.TLS_KEY, env.TLS_CERT) : undefined,
    sessionStore: env.SESSION_STORE,
    sessionSecret: env.SESSION_SECRET,
    databaseUrl: env.DATABASE_URL,
    dataDir: resolve(env.DATA_DIR),
  };
});

export type AppConfig = ConfigType<typeof appConfig>;

const readTls = (key: string, cert: string) => ({
  key: readPem('TLS_KEY', key),
  cert: readPem('TLS_CERT', cert),
});

function readPem(variable: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new StartupError(`${variable}: the file cannot be read: ${(error as Error).message}`);
  }
}
