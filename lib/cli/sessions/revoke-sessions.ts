import { printable } from '../../errors/printable.js';
import type { CommandIo } from '../command-io.interface.js';
import { EXIT } from '../exit-codes.js';
import { withSessions, type OpenedSessions } from '../open-sessions.js';
import { jsonOf } from '../printable.js';
import { failedOf, reportEnd, type EndReport } from './ended-subject.js';
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
  withSessions(flags, async (opened) => {
    const { sessions } = opened;
    const { subject } = flags;
    let ended = 0;
    sessions.events.on('signedOut', () => void ended++);
    await sessions.revoke(idOf(id), subject === undefined ? {} : { subject });
    const whose = subject === undefined ? '' : ` of "${printable(subject)}"`;
    if (flags.json) io.out(jsonOf({ ended }));
    else if (ended) io.out('1 session ended\n');
    else io.err(`session-crypto: no live session${whose} has this id; nothing was changed\n`);
    if (ended && opened.manager.series.length) io.err(COMES_BACK);
    return ended ? EXIT.ok : EXIT.findings;
  });

const COMES_BACK =
  'session-crypto: if remember-me knows its browser, that logs in again: no session says which series is that of its browser; ' +
  'session-crypto sessions revoke-subject ends all series of a subject\n';

/** Ends all sessions of a subject, and all its series of remember-me. Resolves to 1 if there was none. Rejects with the error of the
 *  half that failed, after the report of the other one. */
export const revokeSubject = (io: CommandIo, subject: string, flags: SubjectFlags): Promise<number> =>
  withSessions(flags, async (opened) => {
    const except = flags.except === undefined ? undefined : idOf(flags.except);
    const ended = await opened.sessions.endSubject(subject, except);
    const report = { ended, inCookies: isInCookies(opened), knowsSeries: flags.module !== undefined };
    if (ended.sessions.status === 'rejected' && !opened.manager.series.length) throw ended.sessions.reason;
    reportEnd(io, report, flags);
    const [failed] = failedOf(ended);
    if (failed) throw failed.reason;
    return hasEnded(report) ? EXIT.ok : EXIT.findings;
  });

const hasEnded = ({ ended: { sessions, series }, inCookies }: EndReport): boolean =>
  inCookies || [sessions, series].some((half) => half.status === 'fulfilled' && half.value);

const isInCookies = ({ manager }: OpenedSessions): boolean =>
  manager.stores.some(({ revocation }) => revocation !== undefined);
