import { Logger } from '@nestjs/common';
import { registerAs, type ConfigType } from '@nestjs/config';
import { cookieStore, type SecretOption, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import { dataFolder } from './data-folder.js';
import { secretFile } from './secret-file.js';

export const sessionConfig = registerAs('session', (): SessionCryptoOptions => ({
  crypto: { secrets: [secretOf(process.env)] },
  store: sessionsLiveInPostgres(process.env) ? typeOrmStore() : cookieStore({ acceptReplay: true }),
}));

export type SessionConfig = ConfigType<typeof sessionConfig>;

/** What SESSION_STORE says: `postgres`, which is the default, or `cookie`, which needs no database. */
export function sessionsLiveInPostgres({ SESSION_STORE = 'postgres' }: NodeJS.ProcessEnv): boolean {
  if (SESSION_STORE === 'postgres' || SESSION_STORE === 'cookie') return SESSION_STORE === 'postgres';
  throw new Error(`SESSION_STORE: "${SESSION_STORE}" is unknown; it is postgres or cookie`);
}

function secretOf(env: NodeJS.ProcessEnv): SecretOption {
  if (env['SESSION_SECRET']) return env['SESSION_SECRET'];
  const { file, made } = secretFile(dataFolder(env));
  new Logger('SampleApp').log(
    `SESSION_SECRET is not set; a secret ${made ? 'was made and kept' : 'is read'} in ${file}`,
  );
  return { file };
}
