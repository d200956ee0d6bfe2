import { SessionStateError } from '../errors/session-state.error.js';
import { SESSION_ID_LENGTH } from '../envelope/frame.js';
import { toDate } from '../record/session-lifetime.js';
import { isSubject } from '../record/subject.js';
import { hasRows } from '../stores/all-rows.js';
import { endAllRows, type EndTally } from './end-all-rows.js';
import { reportAllRevoked, type StorePart } from './report-revoked.js';
import type { RevocableSeries } from './revocable-series.interface.js';
import type { SessionManager } from './session-manager.js';
import type { ProfileStore } from './profile-store.js';
import type { SessionProfile } from './session-profile.js';
import { settledSum, throwFirst } from './settled.js';
import { optionalMethods, revocableProfiles, sumOf, unsupported } from './store-methods.js';

/** Octets of the key of a row. */
export const ROW_KEY_LENGTH = 32;

/** Ends all sessions of a subject except the one that the key of `findKept` leads to. Resolves to the number; those in cookies
 *  count as 0. A store that fails spares no session of another one; its error is thrown afterwards. */
export async function endSessionsOf(
  manager: SessionManager,
  subject: string,
  findKept: () => Promise<Buffer | undefined>,
): Promise<number> {
  const profiles = revocableProfiles(manager, 'destroySubject');
  if (!isSubject(subject)) return 0; // nobody can be logged in by it
  const kept = await findKept();
  const marks = await markEnds(oneOfEachStore(profiles), subject, kept);
  const rows = await endRowsOf(manager, subject, kept);
  const counts = rows.map(({ result }) => result);
  const ended = settledSum(counts);
  const inCookies = marks.filter(({ store }) => store.revocation);
  const failed = rows.filter(({ result }) => result.status === 'rejected');
  reportAllRevoked(manager, subject, ended, [...inCookies, ...failed]);
  throwFirst([...marks.map(({ result }) => result), ...counts]);
  return ended;
}

/** Marks that the sessions of a subject have ended, where the server does not keep them: in cookies, or at a foreign format. */
async function markEnds(
  profiles: readonly SessionProfile[],
  subject: string,
  kept: Buffer | undefined,
): Promise<StorePart[]> {
  const except = kept?.length === SESSION_ID_LENGTH ? kept : undefined;
  const results = await Promise.allSettled(
    profiles.map(async ({ anyEndpoint: { repository } }) => repository.endSubject?.(subject, except)),
  );
  return profiles.map(({ store }, i) => ({ store, result: results[i]! }));
}

/** Ends the rows of a subject, each store for itself: one that cannot say which row stays ends none of its own. */
async function endRowsOf(
  manager: SessionManager,
  subject: string,
  kept: Buffer | undefined,
): Promise<StorePart<number>[]> {
  const deadline = manager.tombstoneDeadline();
  const methods = optionalMethods(manager, 'destroySubject');
  const ends = methods.map(async ({ store, method }) => {
    const profiles = manager.profiles.filter((one) => one.store === store);
    return method(subject, deadline, kept && (await keyNow(profiles, kept)));
  });
  const results = await Promise.allSettled(ends);
  return methods.map(({ store }, i) => ({ store, result: results[i]! }));
}

/** Resolves to the key that a key leads to now in the store of `profiles`: another request may have renewed the id meanwhile. */
async function keyNow(profiles: readonly SessionProfile[], key: Buffer): Promise<Buffer> {
  if (key.length !== ROW_KEY_LENGTH) return key; // the id of a session in the cookie, which never leads elsewhere
  for (const { anyEndpoint } of profiles) {
    const present = await anyEndpoint.repository.keyNow?.(key);
    if (present && !present.equals(key)) return present;
  }
  return key;
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
  let ended = 0;
  const tally = (rows: number) => void (ended += rows);
  const results = await Promise.allSettled(stores.map((store) => endAllIn(manager, store, tally)));
  const parts = stores.map((store, i) => ({ store, result: results[i]! }));
  reportAllRevoked(manager, undefined, ended, parts);
  throwFirst([...results, ...remembered]);
  return ended;
}

async function endAllIn(manager: SessionManager, store: ProfileStore, tally: EndTally): Promise<void> {
  const profile = manager.profiles.find((one) => one.store === store)!;
  await profile.anyEndpoint.repository.endAll?.();
  const until = toDate(profile.now());
  if (store.rows) await endAllRows(store.rows, until, manager.tombstoneDeadline(), tally);
}

/** Returns what ends all series of each feature. Throws a SessionStateError if one cannot. */
const endsOf = (all: readonly RevocableSeries[]): (() => Promise<number>)[] =>
  all.map((series) => {
    if (series.endAll) return series.endAll;
    throw new SessionStateError('ERR_SESSION_UNSUPPORTED', SPARED_SERIES);
  });

const SPARED_SERIES =
  'The store of remember-me cannot end all series, since it has neither scan() nor scanAll(); add one of them, use typeOrmStore(), pgStore() or redisStore(), or change crypto.secrets';
