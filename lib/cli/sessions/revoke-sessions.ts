import { printable } from '../../errors/printable.js';
import type { EndedSession } from '../../manager/end-session.js';
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
  withSessions(flags, async ({ sessions, manager }) => {
    const ended = await sessions.endSession(idOf(id), flags.subject);
    const inCookies = ended === 'marked';
    if (flags.json) io.out(jsonOf({ ended: ended === 'ended' ? 1 : 0, inCookies }));
    else if (ended === 'none') io.err(noSession(flags));
    else io.out(ENDED[ended]);
    if (ended !== 'none' && manager.series.length) io.err(COMES_BACK);
    return ended === 'none' ? EXIT.findings : EXIT.ok;
  });

const ENDED: Readonly<Record<Exclude<EndedSession, 'none'>, string>> = {
  ended: '1 session ended\n',
  marked:
    'the session has ended if it was there: it is in a cookie, and nobody knows which cookies there are\n',
};

function noSession({ subject }: RevokeFlags): string {
  const whose = subject === undefined ? '' : ` of "${printable(subject)}" that opens here`;
  return `session-crypto: no live session${whose} has this id; nothing was changed\n`;
}

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
