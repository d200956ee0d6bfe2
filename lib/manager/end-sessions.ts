import { SessionStateError } from '../errors/session-state.error.js';
import { SESSION_ID_LENGTH } from '../envelope/frame.js';
import { toDate } from '../record/session-lifetime.js';
import { isSubject } from '../record/subject.js';
import { hasRows } from '../stores/all-rows.js';
import { endAllRows } from './end-all-rows.js';
import type { RevocableSeries } from './revocable-series.interface.js';
import type { SessionManager } from './session-manager.js';
import type { ProfileStore } from './profile-store.js';
import type { SessionProfile } from './session-profile.js';
import { optionalMethods, revocableProfiles, sumOf, unsupported } from './store-methods.js';

/** Ends all sessions of a subject except the one with the key that `findKept` resolves to. Resolves to the number; those in cookies
 *  count as 0. A store that fails spares no session of another one; its error is thrown afterwards. */
export async function endSessionsOf(
  manager: SessionManager,
  subject: string,
  findKept: () => Promise<Buffer | undefined>,
): Promise<number> {
  const profiles = revocableProfiles(manager, 'destroySubject');
  if (!isSubject(subject)) return 0; // nobody can be logged in by it
  const kept = await findKept();
  const marked = await Promise.allSettled(
    oneOfEachStore(profiles).map(async ({ anyEndpoint: { repository } }) =>
      repository.endSubject?.(subject, kept?.length === SESSION_ID_LENGTH ? kept : undefined),
    ),
  );
  const deadline = manager.tombstoneDeadline();
  const methods = optionalMethods(manager, 'destroySubject');
  const counts = await Promise.allSettled(methods.map(async ({ method }) => method(subject, deadline, kept)));
  const ended = countOf(counts);
  if (ended || profiles.some(({ store }) => store.revocation))
    reportRevoked(manager, undefined, subject, ended);
  throwFirst([...marked, ...counts]);
  return ended;
}

const oneOfEachStore = (profiles: readonly SessionProfile[]): SessionProfile[] =>
  profiles.filter(({ store }, i) => profiles.findIndex((one) => one.store === store) === i);

/** Ends all series of a subject. Resolves to the number; `undefined` where no feature has any. */
export async function endSeriesOf({ series }: SessionManager, subject: string): Promise<number | undefined> {
  return series.length ? sumOf(series.map((one) => one.endSubject(subject))) : undefined;
}

/** Ends all sessions and series of everybody that began until now. Resolves to the number of stored sessions. Rejects with a
 *  SessionStateError, and ends nothing, if a store cannot do it; and with the error of a store that has failed, when those of all
 *  others have ended. */
export async function endEverything(manager: SessionManager): Promise<number> {
  const { stores, series } = manager;
  const spared = stores.find((store) => !store.revocation && !hasRows(store.rows));
  if (spared) throw unsupported('scan', spared);
  const ends = endsOf(series);
  const remembered = await Promise.allSettled(ends.map((end) => end()));
  const counts = await Promise.allSettled(manager.stores.map((store) => endAllIn(manager, store)));
  const ended = countOf(counts);
  reportRevoked(manager, undefined, undefined, ended);
  throwFirst([...counts, ...remembered]);
  return ended;
}

async function endAllIn(manager: SessionManager, store: ProfileStore): Promise<number> {
  const profile = manager.profiles.find((one) => one.store === store)!;
  await profile.anyEndpoint.repository.endAll?.();
  const until = toDate(profile.now());
  return store.rows ? endAllRows(store.rows, until, manager.tombstoneDeadline()) : 0;
}

/** Returns the sum of what the stores have ended. */
const countOf = (counts: readonly PromiseSettledResult<number>[]): number =>
  counts.reduce((sum, one) => sum + (one.status === 'fulfilled' ? one.value : 0), 0);

function throwFirst(settled: readonly PromiseSettledResult<unknown>[]): void {
  for (const one of settled) if (one.status === 'rejected') throw one.reason;
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
