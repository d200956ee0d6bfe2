import { NestFactory } from '@nestjs/core';
import { parseArgs } from 'node:util';
import { codeOf, SessionStoreError } from '../errors/session-store.error.js';
import { SessionCryptoError } from '../errors/session-crypto.error.js';
import type { AuditedOptions } from '../options/audit/audit-options.js';
import { SessionCryptoModule } from '../session-crypto.module.js';
import { getSessionServiceToken } from '../session.tokens.js';
import { loadConfig } from './load-config.js';
import type { Output } from './output.interface.js';
import { UsageError } from './usage.error.js';

export const PRUNE_USAGE = `  session-crypto prune --config FILE         removes the sessions that have expired, and says how many
      --config FILE       as for doctor; its store brings its own connection
    exit status: 0 done, 1 the store does not answer, 2 the options are wrong or it was asked wrongly
`;

const OPTIONS = { config: { type: 'string' } } as const;

/** Removes what has expired, for a timer of the machine. Resolves to the exit status; rejects with a UsageError or a
 *  SessionConfigError. @see PHP `session_gc()` */
export async function prune(args: string[], output: Output): Promise<number> {
  const { config } = parseArgs({ args, options: OPTIONS }).values;
  if (!config) throw new UsageError('prune needs --config FILE');
  const options = await loadConfig(config);
  try {
    output.out(`${await pruneAll(options)} sessions removed\n`);
    return 0;
  } catch (error) {
    if (error instanceof SessionCryptoError && !(error instanceof SessionStoreError)) throw error;
    output.err(`session-crypto: the store does not answer (${codeOf(error)})\n`);
    return 1;
  }
}

/** In an application of its own, which listens to nobody. A store removes a bounded number at a time, so it is asked
 *  until nothing is left. */
async function pruneAll(options: AuditedOptions): Promise<number> {
  const module = SessionCryptoModule.forRoot(options);
  const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  try {
    const sessions = app.get(getSessionServiceToken(options.name));
    let all = 0;
    for (let removed = await sessions.prune(); removed; removed = await sessions.prune()) all += removed;
    return all;
  } finally {
    await app.close();
  }
}
