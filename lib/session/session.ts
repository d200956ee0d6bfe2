import { randomPoolBytes } from '../crypto/random-pool.js';
import { SESSION_ID_LENGTH } from '../envelope/frame.js';
import { checkNames } from '../errors/check-names.js';
import { SessionStateError } from '../errors/session-state.error.js';
import type { SessionData, SessionKey } from '../record/session-data.interface.js';
import type { RecordDraft } from '../record/session-record.js';
import { faultOfSubject } from '../record/subject.js';
import { refuseAssignments, refuseCallback } from './refuse-misuse.js';
import { SessionFacts, stateOf } from './session-facts.js';
import { SessionValues } from './session-values.js';

/** A visitor's session, loaded. Changes are stored before the head of the response is sent. The methods that return a promise
 *  throw at once when they get a callback. */
export class Session<T = SessionData> extends SessionValues<T> {
  /** Logs a user in with the response: the id changes, the old id ends at once, the absolute timeout starts anew, and the
   *  values stay unless they were another user's. With `remembered`, a cookie says who the user is and he has proved
   *  nothing: `authenticatedAt` stays empty.
   *
   *  Rejects with a SessionStateError unless `subject` is a text of 1 to 255 characters, without NUL and without half of a
   *  surrogate pair. */
  login(subject: string, options: { remembered?: boolean } = {}, ...none: []): Promise<void> {
    refuseCallback('login', subject, options, ...none);
    checkNames('login()', options, { remembered: true });
    return this.#login(subject, options);
  }

  async #login(subject: string, { remembered = false }: { remembered?: boolean }): Promise<void> {
    const fault = faultOfSubject(subject);
    if (fault)
      throw new SessionStateError('ERR_SESSION_VALUE', `The subject ${fault}; pass the id of the user`);
    const state = stateOf(this);
    const now = state.now();
    const { absoluteTimeout } = state.timeouts;
    const { subject: before } = state.current; // what was set for him goes, even if his session has ended meanwhile
    const csrfSeed = randomPoolBytes(SESSION_ID_LENGTH).toString('base64url');
    const id = randomPoolBytes(SESSION_ID_LENGTH);
    const { device } = state;
    const apply = (draft: RecordDraft) => {
      if ([before, draft.subject].some((one) => one !== undefined && one !== subject)) clear(draft);
      draft.subject = subject;
      draft.idIssuedAt = draft.createdAt = draft.lastSeenAt = now;
      draft.authenticatedAt = remembered ? 0 : now;
      draft.deadline = absoluteTimeout ? now + absoluteTimeout : 0;
      draft.csrfSeed = csrfSeed;
      draft.device = device;
      renewId(draft, id);
    };
    state.move({ apply }, true, remembered ? 'recognition' : 'handler');
  }

  /** Ends the session. Values that are set afterwards begin a new session. It ends for every other request that still runs, too, if
   *  the store is on the server or has a `revocation`. Otherwise the cookie is cleared, and a request that began before may set
   *  it again. */
  logout(...none: []): Promise<void> {
    refuseCallback('logout', ...none);
    return this.#end(false);
  }

  /** Ends the session. This request cannot begin another. */
  destroy(...none: []): Promise<void> {
    refuseCallback('destroy', ...none);
    return this.#end(true);
  }

  /** Changes the id; the old id ends at once. `keep` names the values that stay; without it all stay. */
  regenerate(options: { keep?: readonly SessionKey<T>[] } = {}, ...none: []): Promise<void> {
    refuseCallback('regenerate', options, ...none);
    checkNames('regenerate()', options, { keep: true });
    return this.#regenerate(options);
  }

  async #regenerate({ keep }: { keep?: readonly SessionKey<T>[] }): Promise<void> {
    const state = stateOf(this);
    const now = state.now();
    const id = randomPoolBytes(SESSION_ID_LENGTH);
    const kept = keep && new Set<string>(keep); // a commit asks again, when the handler may have changed its list
    const apply = (draft: RecordDraft) => {
      if (kept) draft.data = Object.fromEntries(Object.entries(draft.data).filter(([key]) => kept.has(key)));
      draft.idIssuedAt = draft.lastSeenAt = Math.max(now, draft.idIssuedAt);
      renewId(draft, id);
    };
    state.move({ apply }, false);
  }

  /** Moves the idle clock with this response, whether it is due or not. */
  touch(...none: []): Promise<void> {
    refuseCallback('touch', ...none);
    return this.#touch();
  }

  /** Reads the session again, for a socket or a long request. Changes that are not stored yet stay. If the session has ended
   *  meanwhile, by a logout or a revocation, it is empty and {@link isNew} is true. Rejects with a SessionStoreError when the
   *  store does not respond. A session in the cookie has no other place to be read from, so it stays as it is. */
  reload(...none: []): Promise<void> {
    refuseCallback('reload', ...none);
    return stateOf(this).reload();
  }

  /** Takes back everything that this request has done to the session and that is not stored yet: values and flash values,
   *  those that were read once included, and `login()`, `regenerate()` and `touch()`. The session is then as it was when it
   *  was loaded, last saved or last reloaded; the store is not asked. A new session is empty again, and the response sets no
   *  cookie for it.
   *
   *  What `save()` has stored or is storing stays, and so does a `logout()` or `destroy()`, which nothing takes back. A CSRF
   *  token that was made stays valid, except one made after a `login()` that is taken back. What the handler has read before
   *  stays in its hands.
   *  @see PHP `session_reset`, `session_abort` */
  reset(...none: []): void {
    refuseCallback('reset', ...none);
    stateOf(this).reset();
  }

  /** Stores now what was changed. Rejects with a SessionStateError when the session ended meanwhile (409) or is too
   *  large, or when an error was sent in place of the response, and with a SessionStoreError when the store does not respond
   *  (503). */
  save(...none: []): Promise<void> {
    refuseCallback('save', ...none);
    return stateOf(this).save();
  }

  async #end(destroyed: boolean): Promise<void> {
    const state = stateOf(this);
    state.end(destroyed);
    if (state.hasNoResponse) await state.save();
    else await this.#saveAfterHead();
  }

  async #touch(): Promise<void> {
    stateOf(this).touch();
    await this.#saveAfterHead();
  }

  /** After the head nobody else commits. */
  async #saveAfterHead(): Promise<void> {
    const state = stateOf(this);
    if (state.headSent) await state.save();
  }
}

refuseAssignments(SessionFacts, SessionValues, Session);

function clear(draft: RecordDraft): void {
  draft.data = {};
  draft.flash = {};
}

function renewId(draft: RecordDraft, id: Buffer): void {
  draft.id = id;
  draft.generation++;
}
