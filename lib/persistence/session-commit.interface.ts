import type { ChangeSet } from '../record/change-set.js';
import type { SessionTimeouts } from '../record/session-lifetime.js';
import type { SessionRecord } from '../record/session-record.js';
import type { Identity, StoredSession } from './session-repository.interface.js';

export interface CommitPolicy {
  readonly session: string;
  readonly timeouts: SessionTimeouts;
  /** What happens if two requests overwrite one key: the later commit wins, or it is refused with 409. */
  readonly onConflict: 'last-wins' | 'reject';
  /** True if browsers drop the cookie after a time, so that each save and each touch sends it again. */
  readonly cookieExpires: boolean;
  /** Milliseconds that a commit may take if nobody says until when it is waited for. */
  readonly commitTimeout: number;
}

/** What the head does with the cookie.
 *
 *  - `send`: sends an id that this request has made, so that nobody else knows it yet.
 *  - `resend`: sends an id that other requests know too. A login of one of them may replace it at any time.
 *  - `renew`: sends it only so that the browser keeps it for longer.
 *  - `clear`: makes the browser delete it.
 *  - `keep`: does what an earlier commit of the request has said.
 *  - `withhold`: sends nothing, since the session has ended and the browser may have the cookie of a new login. */
export type CookieAction = 'send' | 'resend' | 'renew' | 'clear' | 'keep' | 'withhold';

/** What a request has done to its session, to be stored in one commit. */
export interface PendingCommit {
  /** The session as it was loaded; absent for a new one. */
  readonly loaded: StoredSession | undefined;
  /** Returns the record that a new session begins with. */
  readonly blank: () => SessionRecord;
  readonly changes: ChangeSet;
  /** `keep` the id, or `move` to {@link nextIdentity}. */
  readonly idAction: 'keep' | 'move';
  /** Returns the identity of a session that moves or is new. */
  readonly nextIdentity: () => Identity;
  /** True if the changes are dropped, since the cookie led to an ended session. */
  readonly dropped: boolean;
  /** What found the session that has ended, if it is known. */
  readonly endedIdentity?: Identity | undefined;
  /** True after a login: the session is kept even if its predecessor has ended meanwhile. */
  readonly loggedIn: boolean;
  /** `due` renews idle clock and id when it is time, `force` moves the idle clock in any case, `no` renews nothing. With
   *  `unseen`, no visitor is here: a save leaves the idle clock, too. */
  readonly renew: 'due' | 'force' | 'no' | 'unseen';
  /** True if no cookie can be sent any more, so the id has to stay. */
  readonly headSent: boolean;
  /** What earlier commits of the request have said of its cookie; absent if there were none. */
  readonly cookie?: CookieAction | undefined;
  /** The moment of `performance.now()` at which whoever waits for the commit gives up, so that it must store nothing more.
   *  The head of the response always says it. Absent where somebody has just begun to wait. */
  readonly until?: number | undefined;
}

/** A commit that is stored at a known moment or not at all. */
export type LimitedCommit = PendingCommit & { readonly until: number };

export interface CommitResult {
  /** The session as it is stored now. */
  readonly entry: StoredSession | undefined;
  readonly cookie: CookieAction;
  /** True if the changes were dropped, since the session ended meanwhile. */
  readonly gone: boolean;
}
