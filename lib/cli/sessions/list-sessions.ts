import { printable } from '../../errors/printable.js';
import type { SessionSummary } from '../../session.service.js';
import type { CommandIo } from '../command-io.interface.js';
import { EXIT } from '../exit-codes.js';
import { withSessions } from '../open-sessions.js';
import { printTable } from '../print-table.js';
import { jsonOf } from '../printable.js';
import { secondOf } from '../times.js';
import type { PrintFlags } from './print-flags.interface.js';

/** Lists the live sessions of a subject. Resolves to 1 if there are none. */
export const listSessions = (io: CommandIo, subject: string, flags: PrintFlags): Promise<number> =>
  withSessions(flags, async ({ sessions }) => {
    const found = await sessions.list(subject);
    if (flags.json) io.out(jsonOf(found));
    else if (found.length) printTable(io, ['id', 'began', 'last seen', 'device'], found.map(cellsOf));
    else io.err(`session-crypto: "${printable(subject)}" has no live session\n`);
    return found.length ? EXIT.ok : EXIT.findings;
  });

const cellsOf = (one: SessionSummary): string[] => [
  one.id,
  secondOf(one.createdAt),
  secondOf(one.lastSeenAt),
  deviceOf(one),
];

/** Returns what a session says of its browser, its system and its network. */
export function deviceOf({ browser, system, network }: Partial<SessionSummary>): string {
  const device = [browser, system].filter(Boolean).join(' on ') || 'unknown';
  return network ? `${device}, ${network}` : device;
}
