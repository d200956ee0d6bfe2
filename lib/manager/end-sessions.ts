import { SessionStateError } from '../errors/session-state.error.js';
import { SESSION_ID_LENGTH } from '../envelope/frame.js';
import { toDate } from '../record/session-lifetime.js';
import { isSubject } from '../record/subject.js';
import { hasRows } from '../stores/all-rows.js';
import { endAllRows } from './end-all-rows.js';
import type { RevocableSeries } from './revocable-series.interface.js';
import type { SessionManager } from './session-manager.js';
import { optionalMethods, revocableProfiles, sumOf, unsupported } from './store-methods.js';

/** Ends all sessions of a subject except the one with the key that `findKept` resolves to. Resolves to the number; those in cookies
 *  count as 0. */
export async function endSessionsOf(
  manager: SessionManager,
  subject: string,
  findKept: () => Promise<Buffer | undefined>,
): Promise<number> {
  const profiles = revocableProfiles(manager, 'destroySubject');
  if (!isSubject(subject)) return 0; // nobody can be logged in by it
  const kept = await findKept();
  for (const store of new Set(profiles.map((one) => one.store))) {
    const { repository } = profiles.find((one) => one.store === store)!.anyEndpoint;
    await repository.endSubject?.(subject, kept?.length === SESSION_ID_LENGTH ? kept : undefined);
  }
  const deadline = manager.tombstoneDeadline();
  const methods = optionalMethods(manager, 'destroySubject');
  const ended = await sumOf(methods.map(({ method }) => method(subject, deadline, kept)));
  if (ended || profiles.some(({ store }) => store.revocation))
    reportRevoked(manager, undefined, subject, ended);
  return ended;
}

/** Ends all series of a subject. Resolves to the number; `undefined` where no feature has any. */
export async function endSeriesOf({ series }: SessionManager, subject: string): Promise<number | undefined> {
  return series.length ? sumOf(series.map((one) => one.endSubject(subject))) : undefined;
}

/** Ends all sessions and series of everybody that began until now. Resolves to the number of stored sessions. Rejects with a
 *  SessionStateError, and ends nothing, if a store cannot do it; and with the error of a store of series, when the sessions have
 *  ended. */
export async function endEverything(manager: SessionManager): Promise<number> {
  const { stores, series } = manager;
  const spared = stores.find((store) => !store.revocation && !hasRows(store.rows));
  if (spared) throw unsupported('scan', spared);
  const ends = endsOf(series);
  const remembered = await Promise.allSettled(ends.map((end) => end()));
  const ended = await endAllSessions(manager);
  for (const half of remembered) if (half.status === 'rejected') throw half.reason;
  return ended;
}

async function endAllSessions(manager: SessionManager): Promise<number> {
  let ended = 0;
  for (const store of manager.stores) {
    const profile = manager.profiles.find((one) => one.store === store)!;
    await profile.anyEndpoint.repository.endAll?.();
    const until = toDate(profile.now());
    if (store.rows) ended += await endAllRows(store.rows, until, manager.tombstoneDeadline());
  }
  reportRevoked(manager, undefined, undefined, ended);
  return ended;
}

/** Tells of the end of one session, or of many. `sessions`: how many have ended, as far as stores count them. */
export function reportRevoked(
  { events, name }: SessionManager,
  id: string | undefined,
  subject: string | undefined,
  sessions = 0,
): void {
  const counted = sessions ? { sessions } : {};
  events.emit('signedOut', { session: name, id, subject, ...counted, why: 'revoked' });
}

/** Returns what ends all series of each feature. Throws a SessionStateError if one cannot. */
const endsOf = (all: readonly RevocableSeries[]): (() => Promise<number>)[] =>
  all.map((series) => {
    if (series.endAll) return series.endAll;
    throw new SessionStateError('ERR_SESSION_UNSUPPORTED', SPARED_SERIES);
  });

const SPARED_SERIES =
  'The store of remember-me cannot end all series, since it has neither scan() nor scanAll(); add one of them, use typeOrmStore(), pgStore() or redisStore(), or change crypto.secrets';
