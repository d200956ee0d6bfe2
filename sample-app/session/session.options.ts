import { cookieStore, type SecretOption, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { typeOrmStore } from 'nestjs-session-crypto/typeorm';
import type { AppConfig } from '../config/app.config.js';
import { makeDataFolder } from '../config/data-folder.js';
import { secretFile } from './secret-file.js';

export function sessionOptions(config: AppConfig): SessionCryptoOptions {
  return {
    crypto: { secrets: [secretOf(config)] },
    store: config.sessionStore === 'postgres' ? typeOrmStore() : cookieStore({ acceptReplay: true }),
  };
}

const secretOf = ({ sessionSecret, dataDir }: AppConfig): SecretOption =>
  sessionSecret ?? { file: secretFile(makeDataFolder(dataDir)) };
