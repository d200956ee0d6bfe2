export { ChangeSet, type Change } from './change-set.js';
export { CookieRepository } from './cookie.repository.js';
export { NativeCodec } from './native.codec.js';
export type { OpenedRecord, RecordCodec } from './record-codec.interface.js';
export type { ForeignParts, ForeignStore, IdForm } from './foreign-store.interface.js';
export type {
  AuditFinding,
  CodecParts,
  DriverClaim,
  FormatOrigin,
  HeaderExchange,
  KeysInUse,
  SessionFormat,
  StartedFormat,
} from './session-format.interface.js';
export { StoreHealth } from './store-health.js';
export { CsrfTokens, type CsrfKeys } from './csrf-token.js';
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
export { endOf, isAlive, NEVER, toDate, toSeconds, type SessionTimeouts } from './session-lifetime.js';
export {
  bytesByKey,
  decodeRecord,
  encodeRecord,
  isAnothers,
  isEmptyRecord,
  type RecordDraft,
  type SessionRecord,
} from './session-record.js';
export type { Entry, Found, Identity, MoveKind, SessionRepository } from './session-repository.interface.js';
export type { ReadonlyReason } from './readonly-reason.js';
export { SessionState, type SessionParts } from './session-state.js';
export { Session } from './session.js';
export { checkKey, parseJsonObject } from './json-value.js';
export { StoredRepository } from './stored.repository.js';
