import type { ResealOptions, ResealProgress } from '../../manager/reseal-rows.js';
import { MAX_BATCH } from '../../manager/session-keys.js';
import type { CommandIo } from '../command-io.interface.js';
import { CommandError } from '../command.error.js';
import { EXIT } from '../exit-codes.js';
import { withSessions, type OpenedSessions, type SessionFlags } from '../open-sessions.js';
import { progress } from '../progress.js';
import { jsonOf } from '../printable.js';
import { totalOf } from '../total-of.js';
import { UsageError } from '../usage.error.js';
import { wholeNumberOf } from '../whole-number.js';
import { noteOf } from './print-keys.js';

export interface ResealFlags extends SessionFlags {
  readonly json?: boolean;
  readonly after?: string;
  readonly batch?: string;
}

/** What the flags ask for, and who prints the number of sessions. */
interface ResealWork extends Pick<ResealOptions, 'after' | 'batch'> {
  print(resealed: number): void;
}

/** Seals sessions anew, and prints their number. The progress goes where messages go, so that the output is the result alone. */
export function reseal(io: CommandIo, flags: ResealFlags): Promise<number> {
  const { after, batch, json } = flags;
  if (after !== undefined && !MARK.test(after))
    throw new UsageError('--after is no mark; copy it from the line that the earlier call has printed');
  const work = {
    after,
    batch: batch === undefined ? undefined : wholeNumberOf('--batch', batch, [1, MAX_BATCH]),
    print: (resealed: number) => io.out(json ? jsonOf({ resealed }) : `${resealed} sessions sealed anew\n`),
  };
  return withSessions(flags, (opened) => resealAll(io, opened, work), true);
}

/** The number of a set of options, and the key of the last row. */
const MARK = /^\d{1,4}\.[\w-]*$/;

/** Whatever ends the work early, the operator learns what is done and how to go on. */
async function resealAll(io: CommandIo, opened: OpenedSessions, work: ResealWork): Promise<number> {
  const { sessions, manager } = opened;
  const { after, batch, print } = work;
  const shown = progress(io, 'sessions', await totalOf(manager));
  const signal = io.interruption();
  let last: Partial<ResealProgress> = { mark: after };
  const onProgress = (done: ResealProgress) => {
    last = done;
    shown.at(done.read, noteOf(done));
    if (signal.aborted) throw new CommandError(EXIT.temporary, 'interrupted');
  };
  try {
    const resealed = await sessions.keys.reseal({ after, batch, onProgress });
    shown.end();
    print(resealed);
    return EXIT.ok;
  } catch (error) {
    shown.end();
    if (last.resealed !== undefined) print(last.resealed);
    if (last.mark !== undefined) io.err(`session-crypto: go on with --after ${last.mark}\n`);
    throw error;
  }
}
