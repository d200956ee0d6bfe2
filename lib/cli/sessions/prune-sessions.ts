import type { CommandIo } from '../command-io.interface.js';
import { EXIT } from '../exit-codes.js';
import { withSessions, type OpenedSessions } from '../open-sessions.js';
import { progress } from '../progress.js';
import { jsonOf } from '../printable.js';
import type { PrintFlags } from './print-flags.interface.js';

/** Removes expired sessions, for a cron job or a systemd timer. Prints their number, also where a later call fails.
 *  @see PHP `session_gc()` */
export const pruneSessions = (io: CommandIo, flags: PrintFlags): Promise<number> =>
  withSessions(flags, async (opened) => {
    const print = (removed: number) =>
      io.out(flags.json ? jsonOf({ removed }) : `${removed} sessions removed\n`);
    if (!isLeftToServer(opened)) await removeAll(io, opened, print);
    else if (flags.json) print(0);
    else io.out(NOTHING);
    return EXIT.ok;
  });

const NOTHING = 'nothing to do: the server of the store removes by itself what has expired\n';

async function removeAll(io: CommandIo, opened: OpenedSessions, print: (removed: number) => void) {
  const shown = progress(io, 'sessions removed', undefined);
  let removed = 0;
  try {
    for await (removed of removals(opened)) shown.at(removed);
  } catch (error) {
    shown.end();
    if (removed) print(removed);
    throw error;
  }
  shown.end();
  print(removed);
}

/** Yields the number of sessions that are removed so far. The first call reads the sealed clocks, so that no row waits for the end
 *  of its hour. A store removes a limited number of sessions in one call, so the call is repeated until it removes none. */
async function* removals({ sessions }: OpenedSessions): AsyncGenerator<number, void, undefined> {
  let all = 0;
  for (let removed = await sessions.prune({ exact: true }); removed; removed = await sessions.prune())
    yield (all += removed);
}

/** True where sessions, or the marks that end them, go at their deadline by themselves, as in Redis. */
const isLeftToServer = ({ manager: { stores } }: OpenedSessions): boolean =>
  stores.some(({ keepsRows }) => keepsRows) && !stores.some(({ canPrune }) => canPrune);
