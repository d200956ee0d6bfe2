import type { CommandIo } from '../command-io.interface.js';
import { EXIT } from '../exit-codes.js';
import { withSessions, type OpenedSessions } from '../open-sessions.js';
import { progress } from '../progress.js';
import { jsonOf } from '../printable.js';
import type { PrintFlags } from './print-flags.interface.js';

/** Removes expired sessions, for a cron job or a systemd timer. The first call reads the sealed clocks, so that no row waits for
 *  the end of its hour. A store removes a limited number of sessions in one call, so the call is repeated until it removes
 *  none. @see PHP `session_gc()` */
export const pruneSessions = (io: CommandIo, flags: PrintFlags): Promise<number> =>
  withSessions(flags, async (opened) => {
    const nothing = isLeftToServer(opened);
    const removed = nothing ? 0 : await removeAll(io, opened);
    if (flags.json) io.out(jsonOf({ removed }));
    else io.out(nothing ? NOTHING : `${removed} sessions removed\n`);
    return EXIT.ok;
  });

const NOTHING = 'nothing to do: the server of the store removes by itself what has expired\n';

async function removeAll(io: CommandIo, { sessions }: OpenedSessions): Promise<number> {
  const shown = progress(io, 'sessions removed', undefined);
  let all = 0;
  for (let removed = await sessions.prune({ exact: true }); removed; removed = await sessions.prune())
    shown.at((all += removed));
  shown.end();
  return all;
}

/** True where sessions, or the marks that end them, go at their deadline by themselves, as in Redis. */
const isLeftToServer = ({ manager: { stores } }: OpenedSessions): boolean =>
  stores.some(({ keepsRows }) => keepsRows) && !stores.some(({ canPrune }) => canPrune);
