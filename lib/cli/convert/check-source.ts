import type { Conversion } from '../../manager/conversion.js';
import { CommandError } from '../command.error.js';
import { EXIT } from '../exit-codes.js';
import type { SessionSource } from './session-source.interface.js';

/** Sessions that may be missing in the old store, whatever part of all they are. */
const FEW = 9;

interface Checks {
  readonly batch: number;
  readonly signal: AbortSignal;
}

/** Looks, before anything is written, for signs that this is not the store which the converted sessions came from, or that it has
 *  lost its sessions: the run would end them here. A session whose time has passed is no sign. Throws a CommandError then. Resolves
 *  to false after an abort. */
export async function checkSource(
  source: SessionSource,
  conversion: Conversion,
  { batch, signal }: Checks,
): Promise<boolean> {
  let [total, missing] = [0, 0];
  for await (const { sessions } of conversion.converted(batch, undefined)) {
    if (signal.aborted) return false;
    const live = sessions.filter(({ isOver }) => !isOver);
    if (live.some(({ isElsewhere }) => isElsewhere)) throw refusal(source, OTHER);
    const alive = await source.alive(live.map(({ session }) => session.origin));
    total += live.length;
    missing += live.filter(({ session }) => !alive.has(session.origin)).length;
  }
  if (!missing) return true;
  const figures = `would end ${missing} of the ${total} sessions that were converted from it`;
  if (missing === total && (await isEmpty(source, batch, conversion.now)))
    throw refusal(source, `is empty and ${figures}`);
  if (missing > FEW && missing * 2 > total) throw refusal(source, figures);
  return true;
}

const OTHER =
  'is in another database, or at another address, than the sessions that were converted from a table or prefix of this name';

const refusal = ({ name }: SessionSource, found: string): CommandError =>
  new CommandError(
    EXIT.data,
    `${name} ${found}, so nothing was changed; check the address, or write --end-missing if all that is not there has ended`,
  );

/** True if nobody is logged in there. */
async function isEmpty(source: SessionSource, batch: number, now: number): Promise<boolean> {
  for await (const { rows } of source.pages(undefined, batch))
    if (rows.some(({ expiresAt = Infinity }) => expiresAt > now)) return false;
  return true;
}
