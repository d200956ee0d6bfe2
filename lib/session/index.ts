export { ChangeSet, type Change } from './change-set.js';
export { CookieRepository } from './cookie.repository.js';
export { CsrfTokens } from './csrf-token.js';
export { GuardedStore } from './guarded.store.js';
export { openSession, MAX_CANDIDATES, type OpenResult } from './open-session.js';
export { publicId, SessionCommitter, type CommitPolicy } from './session-committer.js';
export type {
  JsonObject,
  JsonValue,
  SessionData,
  SessionKey,
  SessionValueOf,
} from './session-data.interface.js';
export { SessionEvents, type SessionEventMap, type SessionEventName } from './session-events.js';
export { isAlive, toDate, toSeconds, type SessionTimeouts } from './session-lifetime.js';
export { decodeRecord, encodeRecord, type SessionRecord } from './session-record.js';
export type { Entry, Found, SessionRepository } from './session-repository.interface.js';
export { SessionState, type ReadonlyReason, type SessionParts } from './session-state.js';
export { Session } from './session.js';
export { StoredRepository } from './stored.repository.js';
