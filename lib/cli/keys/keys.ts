import type { Command } from 'commander';
import type { SessionKeys } from '../../manager/session-keys.js';
import type { KeyInfo } from '../../ring/ring-administration.js';
import type { CommandIo } from '../command-io.interface.js';
import { exits } from '../exits.js';
import { EXIT } from '../exit-codes.js';
import { groupOf, withExample } from '../help.js';
import { loadConfig } from '../load-config.js';
import { withSessionFlags, withSessions, type SessionFlags } from '../open-sessions.js';
import { UsageError } from '../usage.error.js';
import { listKeys, revokeKey } from './key-rows.js';
import { printKeys } from './print-keys.js';
import { reseal, type ResealFlags } from './reseal.js';

interface KeyFlags extends SessionFlags {
  readonly json?: boolean;
}

/** An action about one key: its name, what it does, and how. */
const ABOUT_ONE: readonly (readonly [
  name: string,
  summary: string,
  act: (keys: SessionKeys, id: number) => Promise<KeyInfo | readonly KeyInfo[]>,
])[] = [
  ['promote', 'let a published key seal as soon as every process knows it', (keys, id) => keys.promote(id)],
  ['retire', 'let a key seal no more; no session ends', (keys, id) => keys.retire(id)],
];

/** `session-crypto keys`: the keys of a managed ring. */
export function addKeysCommands(program: Command, io: CommandIo): void {
  const keys = groupOf(program, 'keys', 'show and change the keys of a managed ring');
  addList(keys, io);
  addOne(keys, 'add', 'make a key now', 'add').action(
    exits((flags: KeyFlags) => change(io, flags, (ring) => ring.add())),
  );
  for (const [name, summary, act] of ABOUT_ONE)
    addOne(keys, `${name} <id>`, summary, `${name} 3`).action(
      exits((text: string, flags: KeyFlags) => {
        const id = numberOf(text);
        return change(io, flags, (ring) => act(ring, id));
      }),
    );
  addOne(keys, 'revoke <id>', 'destroy a key; every session that it has sealed ends', 'revoke 3').action(
    exits((id: string, flags: KeyFlags) => revoke(io, flags, numberOf(id))),
  );
  addReseal(keys, io);
}

/** Adds an action with the options that all have. */
const addOne = (keys: Command, call: string, summary: string, example: string): Command =>
  withExample(
    withSessionFlags(keys.command(call).description(summary)).option('--json', 'print JSON'),
    `session-crypto keys ${example} --config session.options.mjs`,
  );

/** `list` and `revoke` need the rows alone, so with a file of options they work also where a row does not unwrap and no
 *  application starts. */
function addList(keys: Command, io: CommandIo): void {
  addOne(keys, 'list', 'list the keys: number, hint, state and times', 'list --json').action(
    exits(async (flags: KeyFlags) => {
      const infos =
        flags.module === undefined
          ? await listKeys(await loadConfig(flags.config))
          : await withSessions(flags, ({ sessions }) => sessions.keys.list());
      printKeys(io, infos, flags.json);
      return EXIT.ok;
    }),
  );
}

async function revoke(io: CommandIo, flags: KeyFlags, id: number): Promise<number> {
  if (flags.module !== undefined) return change(io, flags, (ring) => ring.revoke(id));
  printKeys(io, await revokeKey(await loadConfig(flags.config), id), flags.json);
  return EXIT.ok;
}

/** Changes a key in an application, and prints what became of it. */
async function change(
  io: CommandIo,
  flags: KeyFlags,
  act: (keys: SessionKeys) => Promise<KeyInfo | readonly KeyInfo[]>,
): Promise<number> {
  const changed = await withSessions(flags, ({ sessions }) => act(sessions.keys), true);
  printKeys(io, [changed].flat(), flags.json);
  return EXIT.ok;
}

function addReseal(keys: Command, io: CommandIo): void {
  addOne(keys, 'reseal', 'seal stored sessions anew by the first key', 'reseal --batch 1000')
    .option('--after <mark>', 'go on behind a mark that an earlier call has shown')
    .option('--batch <n>', 'sessions to read at a time')
    .action(exits((flags: ResealFlags) => reseal(io, flags)));
}

function numberOf(id: string): number {
  if (/^\d{1,9}$/.test(id)) return Number(id);
  throw new UsageError('the key needs its number, as session-crypto keys list shows it');
}
