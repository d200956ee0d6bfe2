import { NestFactory } from '@nestjs/core';
import { parseArgs } from 'node:util';
import type { AuditedOptions } from '../options/audit/audit-options.js';
import { SessionCryptoModule } from '../session-crypto.module.js';
import { getSessionServiceToken } from '../session.tokens.js';
import { loadConfig } from './load-config.js';
import type { Output } from './output.interface.js';
import { storeStatus } from './store-status.js';
import { UsageError } from './usage.error.js';

/** The help text of `prune`. */
export const PRUNE_USAGE = `  session-crypto prune --config FILE         removes every session that has expired, and prints how many
      --config FILE       a module that exports the options, as for doctor; its store opens its own connection
    exit status: 0 done, 1 the store is unavailable, 2 the options or the command line are wrong
`;

const OPTIONS = { config: { type: 'string' } } as const;

/** Removes expired sessions, for a cron job or a systemd timer. Resolves to the exit status. Rejects with a UsageError, or
 *  with a SessionConfigError if the options are wrong. @see PHP `session_gc()` */
export async function prune(args: string[], output: Output): Promise<number> {
  const { config } = parseArgs({ args, options: OPTIONS }).values;
  if (!config) throw new UsageError('prune needs --config FILE');
  const options = await loadConfig(config);
  return storeStatus(output, async () => output.out(`${await pruneAll(options)} sessions removed\n`));
}

/** Prunes in an application context, which opens no port. The first call reads the sealed clocks, so that no row waits for the
 *  end of its hour. A store removes a limited number of sessions in one call, so the call is repeated until it removes
 *  none. */
async function pruneAll(options: AuditedOptions): Promise<number> {
  const module = SessionCryptoModule.forRoot(options);
  const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  try {
    const sessions = app.get(getSessionServiceToken(options.name));
    let all = 0;
    for (let removed = await sessions.prune({ exact: true }); removed; removed = await sessions.prune())
      all += removed;
    return all;
  } finally {
    await app.close();
  }
}
