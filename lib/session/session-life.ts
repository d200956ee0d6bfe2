import type {
  BroughtCookies,
  SessionLookup,
  StoredSession,
} from '../persistence/session-repository.interface.js';

/** What a logout ends: a session, or those that the cookies of an ambiguous request lead to. */
export type Ending = StoredSession | BroughtCookies;

/** Facts that hold in every status. */
interface LifeFacts {
  /** What the next commit has to end. */
  readonly ending?: Ending | undefined;
  /** What the request brought and does not use: a session that this route's idle timeout hides, or several sessions.
   *  `logout()` and `login()` end it. */
  readonly hidden?: Ending | undefined;
  /** Logouts so far. A commit that finds another number was overtaken by a logout. */
  readonly endCount: number;
}

/** The life of one session in one request.
 *
 *  - `new`: nothing is stored yet; changes create a session.
 *  - `loaded`: the session is stored; changes are saved to it.
 *  - `moving`: the next commit gives the session another id. After a login it is kept even where `stored` has ended.
 *    `before` is the life that `reset()` goes back to; it never moves.
 *  - `ended`: the cookie led to a tombstone, several cookies led to different sessions, or the session ended meanwhile.
 *    Changes are dropped; only a login begins a new session.
 *  - `destroyed`: this request has destroyed the session and may not begin another.
 *  - `lost`: a change came after the head and `save()` did not follow. It takes no other change, and still follows what is
 *    stored: a logout or a revocation counts. */
export type SessionLife = LifeFacts &
  (
    | { readonly status: 'new' | 'ended' | 'destroyed' }
    | { readonly status: 'loaded'; readonly stored: StoredSession }
    | { readonly status: 'lost'; readonly stored: StoredSession | undefined }
    | {
        readonly status: 'moving';
        readonly stored: StoredSession | undefined;
        readonly loggedIn: boolean;
        readonly afterEnd: boolean;
        readonly before: SessionLife;
      }
  );

/** Begins a life with what the request's cookie led to. */
export function beginLife(found: SessionLookup): SessionLife {
  if (found.kind === 'live') return loadedLife(NO_FACTS, found.entry);
  if (found.kind === 'ended') return { ...NO_FACTS, status: 'ended', hidden: found.brought };
  return { ...NO_FACTS, status: 'new' };
}

/** The stored session that the request works on. */
export const storedOf = (life: SessionLife): StoredSession | undefined =>
  'stored' in life ? life.stored : undefined;

/** True if the next commit drops changes, since the session has ended. */
export const isEnded = (life: SessionLife): boolean =>
  life.status === 'ended' || (life.status === 'moving' && life.afterEnd);

/** The next commit gives the session another id. An ended session stays ended (`afterEnd`) unless it moves by a login, or a
 *  commit under way stores it after all. */
export function move(life: SessionLife, loggedIn: boolean): SessionLife {
  const moving = life.status === 'moving' ? life : undefined;
  const stored = storedOf(life);
  return {
    ...(loggedIn ? endHidden(life) : factsOf(life)),
    status: 'moving',
    stored,
    loggedIn: loggedIn || moving?.loggedIn === true,
    afterEnd: isEnded(life),
    before: moving?.before ?? life,
  };
}

/** Takes back the moves that no commit has taken with it. A logout stays. */
export const reset = (life: SessionLife): SessionLife => (life.status === 'moving' ? life.before : life);

/** The stored session ends with the next commit. What follows is a new session, or none after `destroy()`. */
export function end(life: SessionLife, destroyed: boolean): SessionLife {
  const next = isEnded(life) ? 'ended' : 'new';
  return {
    status: destroyed ? 'destroyed' : next,
    ending: life.ending ?? storedOf(life) ?? life.hidden,
    endCount: life.endCount + 1,
  };
}

/** The route's own idle timeout has passed: the stored session counts as ended on this route. */
export function hide(life: SessionLife): SessionLife {
  const facts = { ...factsOf(life), hidden: storedOf(life) };
  if (life.status !== 'moving') return { ...facts, status: 'new' };
  return { ...life, ...facts, stored: undefined, before: hide(life.before) };
}

/** Replaces what the next commit has to end. No reset takes it back. */
export function setEnding(life: SessionLife, ending: Ending | undefined): SessionLife {
  if (life.status !== 'moving') return { ...life, ending };
  return { ...life, ending, before: setEnding(life.before, ending) };
}

/** A change was lost, so the session takes no more. */
export const lose = (life: SessionLife): SessionLife => ({
  ...factsOf(life),
  status: 'lost',
  stored: storedOf(life),
});

/** A commit takes the move with it: what the handler does meanwhile is for the commit after it. */
export function startCommit(life: SessionLife): SessionLife {
  if (life.status !== 'moving') return life;
  const { stored } = life;
  if (stored) return loadedLife(life, stored);
  return { ...factsOf(life), status: life.afterEnd ? 'ended' : 'new' };
}

/** A commit has failed: the move is due again with the next one, unless a logout came between. */
export function failCommit(life: SessionLife, committed: SessionLife): SessionLife {
  return committed.status === 'moving' ? move(life, committed.loggedIn) : life;
}

/** A commit has stored `stored`, or found that the session is gone. A session that a logout has overtaken meanwhile has
 *  to be ended. */
export function settleCommit(
  life: SessionLife,
  committed: SessionLife,
  stored: StoredSession | undefined,
  gone: boolean,
): SessionLife {
  if (isOvertaken(life, committed)) return stored ? setEnding(life, stored) : life;
  if (!stored && !gone) return life;
  if (life.status === 'lost') return { ...life, stored };
  if (life.status === 'loaded' && life.stored === stored) return life; // a read, which stores nothing
  if (life.status === 'moving') {
    const before = settleCommit(life.before, committed, stored, gone);
    return { ...life, stored, afterEnd: gone, before };
  }
  if (!stored) return { ...factsOf(life), status: 'ended' };
  return loadedLife(life, stored);
}

/** True if a logout came after `committed`: nothing of that commit may come back. */
export const isOvertaken = (life: SessionLife, committed: SessionLife): boolean =>
  life.endCount !== committed.endCount;

const NO_FACTS: LifeFacts = { ending: undefined, hidden: undefined, endCount: 0 };

/** Every request with a session makes this value. It is written out because V8 takes a slow path for a spread that adds
 *  keys. */
const loadedLife = ({ ending, hidden, endCount }: LifeFacts, stored: StoredSession): SessionLife => ({
  status: 'loaded',
  stored,
  ending,
  hidden,
  endCount,
});

/** A login ends what the request brought and does not use: its cookies lead nowhere then. */
const endHidden = ({ ending, hidden, endCount }: SessionLife): LifeFacts => ({
  ending: ending ?? hidden,
  hidden: undefined,
  endCount,
});

const factsOf = ({ ending, hidden, endCount }: SessionLife): LifeFacts => ({ ending, hidden, endCount });
