import { NestFactory } from '@nestjs/core';
import { parseArgs } from 'node:util';
import { DEFAULT_SESSION } from '../options/default-session.js';
import type { AuditedOptions } from '../options/audit/audit-options.js';
import { SessionCryptoModule } from '../session-crypto.module.js';
import type { SessionService } from '../session.service.js';
import { getSessionServiceToken } from '../session.tokens.js';
import { listKeys, revokeKey } from './key-rows.js';
import { loadConfig } from './load-config.js';
import type { Output } from './output.interface.js';
import { keyLines, progressLine } from './print-keys.js';
import { storeStatus } from './store-status.js';
import { UsageError } from './usage.error.js';

/** The help text of `keys`. */
export const KEYS_USAGE = `  session-crypto keys ACTION --config FILE   shows and changes the keys of a managed ring
      list                lists the keys: number, hint, state and times; with --json as JSON
      add                 makes a key now
      promote ID          lets a published key seal as soon as every process knows it
      retire ID           lets a key seal no more; no session ends
      revoke ID           destroys a key; every session that it has sealed ends
      reseal              seals stored sessions anew by the first key; --after MARK goes on behind a mark,
                          --batch N reads so many at a time
      --config FILE       a module that exports the options, as for doctor; its stores open their own connections
    exit status: 0 done, 1 the store is unavailable, 2 the options, the key or the command line are wrong
`;

const OPTIONS = {
  config: { type: 'string' },
  json: { type: 'boolean', default: false },
  after: { type: 'string' },
  batch: { type: 'string' },
} as const;

/** The arguments of an action. */
interface KeyCommand {
  readonly options: AuditedOptions;
  readonly id: number;
  readonly json: boolean;
  readonly after: string | undefined;
  readonly batch: number | undefined;
  readonly output: Output;
}

/** Actions by name. `list` and `revoke` need the rows alone, so they work also where a row does not unwrap and no application
 *  starts. */
const ACTIONS: Readonly<Record<string, (command: KeyCommand) => Promise<void>>> = {
  list: async ({ options, json, output }) => output.out(keyLines(await listKeys(options), json)),
  revoke: async ({ options, id, json, output }) => output.out(keyLines(await revokeKey(options, id), json)),
  add: (command) => withService(command, async ({ keys }) => show(command, [await keys.add()])),
  promote: (command) =>
    withService(command, async ({ keys }) => show(command, [await keys.promote(command.id)])),
  retire: (command) =>
    withService(command, async ({ keys }) => show(command, [await keys.retire(command.id)])),
  reseal: (command) => withService(command, (sessions) => reseal(command, sessions)),
};

/** The actions that are about one key. */
const ABOUT_ONE = ['promote', 'retire', 'revoke'];

/** Shows or changes the keys of a managed ring. Resolves to the exit status. Rejects with a UsageError, or with the error that
 *  says which option or key is wrong. */
export async function keys(args: string[], output: Output): Promise<number> {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  const [name = '', id, ...others] = positionals;
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (!action) throw new UsageError(`keys needs an action: ${Object.keys(ACTIONS).join(', ')}`);
  if (ABOUT_ONE.includes(name) !== (id !== undefined) || others.length)
    throw new UsageError(
      ABOUT_ONE.includes(name)
        ? `keys ${name} needs one ID, as keys list shows it`
        : `keys ${name} takes no ID`,
    );
  if (!values.config) throw new UsageError('keys needs --config FILE');
  const { config, json, after } = values;
  const options = await loadConfig(config);
  const batch = values.batch === undefined ? undefined : Number(values.batch);
  return storeStatus(output, () => action({ options, id: Number(id), json, after, batch, output }));
}

const show = ({ json, output }: KeyCommand, infos: Parameters<typeof keyLines>[0]): void =>
  output.out(keyLines(infos, json));

/** Seals sessions anew. The progress goes to the other stream, so that the output is the result alone. */
async function reseal({ after, batch, output }: KeyCommand, sessions: SessionService): Promise<void> {
  const total = await sessions.count({ estimate: true });
  const resealed = await sessions.keys.reseal({
    ...(after !== undefined && { after }),
    ...(batch !== undefined && { batch }),
    onProgress: (progress) => output.err(progressLine(progress, total)),
  });
  output.err('\n');
  output.out(`${resealed} sessions sealed anew\n`);
}

/** Works in an application context, which opens no port. */
async function withService(
  { options }: KeyCommand,
  work: (sessions: SessionService) => Promise<void>,
): Promise<void> {
  const module = SessionCryptoModule.forRoot(options);
  const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  try {
    await work(app.get(getSessionServiceToken(options.name ?? DEFAULT_SESSION)));
  } finally {
    await app.close();
  }
}
