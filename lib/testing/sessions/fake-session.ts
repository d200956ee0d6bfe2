import { resolveOptions } from '../../options/resolve-options.js';
import { CookieRepository } from '../../persistence/cookie.repository.js';
import type { RecordCodec } from '../../persistence/record-codec.interface.js';
import { SessionCommitter } from '../../persistence/session-committer.js';
import { SessionEvents } from '../../persistence/session-events.js';
import type { SessionLookup } from '../../persistence/session-repository.interface.js';
import type { SessionData } from '../../record/session-data.interface.js';
import { toSeconds } from '../../record/session-lifetime.js';
import { sessionRecordOf, type WantedSession } from '../../record/wanted-session.js';
import { Session } from '../../session/session.js';
import { SessionState } from '../../session/session-state.js';
import type { TestClock } from './test-clock.js';

/** What a fake session is besides its values. */
export interface FakeSessionOptions extends Omit<WantedSession, 'data'> {
  /** A clock of the test in place of the actual time. */
  readonly clock?: TestClock;
}

/** Nothing leaves the process, so nothing is sealed. */
const CODEC: RecordCodec = { shortest: 0, seal: () => '', open: () => 'absent' };
const NAME = 'fake';

/** Returns a session for a unit test, without an application. It is the class of this package and does what a session does:
 *  `save()` stores what was changed in the session itself. Without data and subject it is new. Throws a SessionStateError for a
 *  value that no session can hold. */
export function fakeSession<T = SessionData>(
  data?: Partial<T>,
  { clock, ...wanted }: FakeSessionOptions = {},
): Session<T> {
  const now = () => toSeconds(clock ? clock.read(new Date()) : new Date());
  const { timeouts, commitTimeout } = resolveOptions({ crypto: { secrets: ['only for the defaults'] } });
  const repository = new CookieRepository({ cookie: NAME, codec: CODEC, timeouts, now });
  const events = new SessionEvents();
  const policy = {
    session: NAME,
    timeouts,
    commitTimeout,
    onConflict: 'last-wins',
    cookieExpires: false,
  } as const;
  const committer = new SessionCommitter(repository, policy, events);
  const parts = { name: NAME, repository, committer, timeouts, events, tell() {} };
  const record = sessionRecordOf({ ...wanted, ...(data && { data }) }, now(), timeouts);
  const isNew = data === undefined && wanted.subject === undefined;
  const entry = { key: record.id, version: 0, record, stale: false, cookieOutdated: false };
  const found: SessionLookup = isNew
    ? { kind: 'none', reason: 'absent', ours: true }
    : { kind: 'live', entry, now: now() };
  return new Session(new SessionState(parts, found, { headSent: false })) as Session<T>;
}
