import { printable } from '../../errors/printable.js';
import type { CommandIo } from '../command-io.interface.js';
import { EXIT } from '../exit-codes.js';
import { withSessions, type OpenedSessions } from '../open-sessions.js';
import { jsonOf } from '../printable.js';
import type { PrintFlags } from './print-flags.interface.js';
import { idOf } from './session-id.js';

export interface RevokeFlags extends PrintFlags {
  readonly subject?: string;
}

export interface SubjectFlags extends PrintFlags {
  readonly except?: string;
}

/** Ends one session. Resolves to 1 if no live session has the id. */
export const revokeSession = (io: CommandIo, id: string, flags: RevokeFlags): Promise<number> =>
  withSessions(flags, async ({ sessions }) => {
    const { subject } = flags;
    let ended = 0;
    sessions.events.on('signedOut', () => void ended++);
    await sessions.revoke(idOf(id), subject === undefined ? {} : { subject });
    const whose = subject === undefined ? '' : ` of "${printable(subject)}"`;
    if (flags.json) io.out(jsonOf({ ended }));
    else if (ended) io.out('1 session ended\n');
    else io.err(`session-crypto: no live session${whose} has this id; nothing was changed\n`);
    return ended ? EXIT.ok : EXIT.findings;
  });

/** Ends all sessions of a subject. Resolves to 1 if there was none. */
export const revokeSubject = (io: CommandIo, subject: string, flags: SubjectFlags): Promise<number> =>
  withSessions(flags, async (opened) => {
    const { except } = flags;
    const given = except === undefined ? {} : { except: idOf(except) };
    const ended = await opened.sessions.revokeSubject(subject, given);
    const inCookies = isInCookies(opened);
    if (flags.json) io.out(jsonOf({ ended, inCookies }));
    else io.out(`${ended} sessions ended\n`);
    if (inCookies) io.err('session-crypto: those in cookies end too, and nobody knows their number\n');
    return ended || inCookies ? EXIT.ok : EXIT.findings;
  });

const isInCookies = ({ manager }: OpenedSessions): boolean =>
  manager.stores.some(({ revocation }) => revocation);
