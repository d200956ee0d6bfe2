import { EventEmitter } from 'node:events';
import type { RejectReason } from '../errors/envelope.error.js';

/** The events, by name, with their details. No detail holds a secret, a token, an id that could be sent, or a value.
 *  `session` is the name of the session in `forRoot`, `id` is {@link Session.id}. */
export interface SessionEventMap {
  /** A cookie did not lead to a session of ours. It was not adopted as one. `hint` is the key hint that the cookie or its row
   *  names, for the reasons `unknown-key`, `commitment` and `tag`. A stranger can write any. */
  rejected: { session: string; reason: RejectReason; hint?: string };
  /** So many different cookies with our name came, and none was used: they led to different sessions, or were more than are
   *  tried. */
  ambiguous: { session: string; cookies: number };
  created: { session: string; id: string };
  /** A session of a foreign format was migrated. With `replayable`, nothing remembers that it came, so until `until`
   *  a copy of its cookie can come again. */
  migrated: { session: string; format: string; until: Date; replayable: boolean };
  regenerated: { session: string; id: string; periodic: boolean };
  ended: { session: string; id: string };
  /** A user was logged in: by a handler, or by a cookie that remembers him. */
  signedIn: { session: string; id: string; subject: string; how: 'login' | 'remembered' };
  /** A session of a user has ended, or all of them if there is no `id`, or those of everybody if there is no `subject` either.
   *  `login`: another user has logged in in its place. `limit`: it made room (`session.maxPerSubject`). `reused`: an old id was
   *  used (`session.onReuse`). `revoked`: the application has ended it from outside. No session that times out is reported.
   *  `sessions` is how many have ended, where there is no `id` and the store counts them: nobody counts those in cookies. */
  signedOut: {
    session: string;
    id: string | undefined;
    subject: string | undefined;
    sessions?: number;
    why: 'logout' | 'login' | 'revoked' | 'limit' | 'reused';
  };
  /** Two requests overwrote the same keys. The later commit won, or was refused. */
  conflict: { session: string; id: string; keys: readonly string[]; refused: boolean };
  /** Changes were dropped: the session ended while the request ran (`gone`), or the cookie led to an ended one or several
   *  cookies to different ones (`ended`). */
  dropped: { session: string; why: 'gone' | 'ended' };
  /** An old id was used after its grace period, so somebody has kept an old cookie. It may have been stolen. */
  reused: { session: string; subject: string | undefined };
  /** A change came after the head of the response, and `save()` did not follow, so it is lost. */
  lostChange: { session: string };
  /** A touch, a seal by a new key, a periodic renewal or the removal of a migrated session's old row failed. The request went
   *  on. */
  touchFailed: { session: string; code: string };
  /** An error was sent in place of a response, since the session could not be stored. */
  commitFailed: { session: string; code: string; message: string };
  storeDown: { session: string; code: string; store: WatchedStore };
  storeUp: { session: string; store: WatchedStore };
  /** What has expired was removed: so many rows, over all stores. */
  pruned: { session: string; rows: number };
  pruneFailed: { session: string; code: string };
  /** The driver cannot use its keys any more, for example because a token was removed. */
  driverDown: { session: string; code: string };
  driverUp: { session: string };
  /** The keys were read again. `hints` are their key hints, the sealing one first; none for a format that has no hints. */
  keysReloaded: { session: string; keys: number; hints: readonly string[] };
  keysFailed: { session: string; message: string };
  /** This process has made a key of the managed ring (`published`, or `sealing` for the first one), or has changed its state.
   *  `hint` is the key hint, which is no secret. */
  keyChanged: {
    session: string;
    hint: string;
    state: 'published' | 'sealing' | 'retiring' | 'revoked' | 'dropped';
  };
  /** A session was sealed by a key that is not in the ring, so its user is logged out. `sessions` is their number since the
   *  start, `hint` the key hint that it names; formats without hints have none. */
  keyMissing: { session: string; sessions: number; hint?: string };
  /** An operator has done something on the dashboard, or has tried to: `failed` is the code of the error then. `actor` is his
   *  name, as the application says it. `list`: he has seen the devices of the subject. `revoke` has ended 1 session or 0; the number
   *  is absent for one in a cookie, which nobody knows of. `revokeSubject` has ended so many stored `sessions` and `series` of
   *  remember-me; a number is absent if that half has failed, and that of series where there are none. */
  operatorAction: {
    session: string;
    actor: string;
    action: 'list' | 'revoke' | 'revokeSubject';
    subject: string;
    id: string | undefined;
    sessions?: number | undefined;
    series?: number | undefined;
    failed: string | undefined;
  };
}

/** What a store holds that an application watches. */
export type WatchedStore = 'sessions' | 'revocations' | 'remember-me';

export type SessionEventName = keyof SessionEventMap;

/** Has every key of {@link SessionEventMap}; see {@link keysOf}. The last three are of `lib/remember-me`. */
const NAMES = {
  rejected: true,
  ambiguous: true,
  created: true,
  migrated: true,
  regenerated: true,
  ended: true,
  signedIn: true,
  signedOut: true,
  conflict: true,
  dropped: true,
  reused: true,
  lostChange: true,
  touchFailed: true,
  commitFailed: true,
  storeDown: true,
  storeUp: true,
  pruned: true,
  pruneFailed: true,
  driverDown: true,
  driverUp: true,
  keysReloaded: true,
  keysFailed: true,
  keyChanged: true,
  keyMissing: true,
  operatorAction: true,
  remembered: true,
  rememberTheft: true,
  rememberRejected: true,
} as const;

/** The compiler refuses names that lack an event. It accepts more, since it knows the events of `lib/remember-me` only in
 *  a program that imports them. */
const keysOf = (names: Readonly<Record<SessionEventName, true>>) => Object.keys(names) as SessionEventName[];

/** The names of all events, for a listener that counts or logs everything. The three events of
 *  `nestjs-session-crypto/remember-me` happen only where that module is used. */
export const SESSION_EVENTS: readonly SessionEventName[] = Object.freeze(keysOf(NAMES));

/** Calls listeners when something happens to sessions. A listener that throws stops nothing. */
export class SessionEvents {
  private readonly emitter = new EventEmitter();
  private readonly counts = new Map<SessionEventName, number>();

  on<E extends SessionEventName>(event: E, listener: (detail: SessionEventMap[E]) => void): this {
    this.emitter.on(event, listener);
    return this;
  }

  off<E extends SessionEventName>(event: E, listener: (detail: SessionEventMap[E]) => void): this {
    this.emitter.off(event, listener);
    return this;
  }

  /** Returns how often an event has happened since the start, with or without a listener. Use it as a counter for
   *  metrics, for instance of sessions of a foreign format that still come in (`migrated`). */
  count(event: SessionEventName): number {
    return this.counts.get(event) ?? 0;
  }

  emit<E extends SessionEventName>(event: E, detail: SessionEventMap[E]): void {
    this.counts.set(event, this.count(event) + 1);
    for (const listener of this.emitter.listeners(event)) {
      const failed = (error: unknown) =>
        process.emitWarning(
          `a listener of the session event "${event}" threw: ${String((error as Error)?.name)}`,
          { type: 'SessionCryptoWarning', code: 'SESSION_LISTENER_FAILED' },
        );
      try {
        const answer: unknown = listener(detail);
        if (answer instanceof Promise) answer.catch(failed);
      } catch (error) {
        failed(error);
      }
    }
  }
}
