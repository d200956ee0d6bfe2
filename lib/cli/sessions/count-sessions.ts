import type { CommandIo } from '../command-io.interface.js';
import { EXIT } from '../exit-codes.js';
import { withSessions } from '../open-sessions.js';
import { jsonOf } from '../printable.js';
import type { PrintFlags } from './print-flags.interface.js';

export interface CountFlags extends PrintFlags {
  readonly estimate?: boolean;
}

/** Counts the live sessions. */
export const countSessions = (io: CommandIo, { estimate = false, ...flags }: CountFlags): Promise<number> =>
  withSessions(flags, async ({ sessions }) => {
    const count = await sessions.count({ estimate });
    io.out(flags.json ? jsonOf({ count, estimate }) : `${count}\n`);
    return EXIT.ok;
  });
