import { describe, expect, it } from 'vitest';
import type { StoredSession } from '../../../lib/persistence/session-repository.interface.js';
import { emptyRecord } from '../../../lib/record/session-record.js';
import {
  beginLife,
  end,
  failCommit,
  hide,
  isEnded,
  isOvertaken,
  lose,
  move,
  reset,
  setEnding,
  settleCommit,
  startCommit,
  storedOf,
  type SessionLife,
} from '../../../lib/session/session-life.js';

const NOW = 1_800_000_000;
const sessionOf = (): StoredSession => {
  const record = emptyRecord(NOW, 0, 0);
  return { key: record.id, version: 1, record, stale: false, cookieOutdated: false };
};
const stored = sessionOf();
const other = sessionOf();

const fresh = beginLife({ kind: 'none', reason: 'absent', ours: true });
const loaded = beginLife({ kind: 'live', entry: stored, now: NOW });
const ended = beginLife({ kind: 'ended' });

/** The life after a commit that began now and whose result is the given one. */
const committed = (life: SessionLife, entry?: StoredSession, gone = false) =>
  settleCommit(startCommit(life), life, entry, gone);

describe('the life of a session', () => {
  it('begins with what the cookie led to', () => {
    expect([fresh, loaded, ended].map(({ status }) => status)).toEqual(['new', 'loaded', 'ended']);
    expect([fresh, loaded, ended].map(storedOf)).toEqual([undefined, stored, undefined]);
  });

  it('moves, and stays with the session that it gets', () => {
    const moving = move(loaded, false);
    expect(moving).toMatchObject({ status: 'moving', stored, loggedIn: false });
    expect(committed(moving, other)).toMatchObject({ status: 'loaded', stored: other });
  });

  it('remembers a login through a later move', () => {
    expect(move(move(loaded, true), false)).toMatchObject({ loggedIn: true });
  });

  it('moves from an ended session by a login only', () => {
    const asked = move(ended, false);
    expect([isEnded(asked), startCommit(asked).status]).toEqual([true, 'ended']);
    const login = move(ended, true);
    expect([login.status, isEnded(login)]).toEqual(['moving', true]);
    expect(committed(login, other)).toMatchObject({ status: 'loaded', stored: other });
  });

  it('goes from logout to a new session, and from destroy to none', () => {
    expect(end(loaded, false)).toMatchObject({ status: 'new', ending: stored });
    expect(end(loaded, true)).toMatchObject({ status: 'destroyed', ending: stored });
    expect(end(ended, false).status).toBe('ended');
  });

  it('ends the session that was stored first, however often it is ended', () => {
    const twice = end({ ...end(loaded, false), status: 'loaded', stored: other }, false);
    expect(twice.ending).toBe(stored);
  });

  it('hides a session that only a logout still ends', () => {
    const hidden = hide(loaded);
    expect([hidden.status, storedOf(hidden), hidden.hidden]).toEqual(['new', undefined, stored]);
    expect(end(hidden, false).ending).toBe(stored);
    expect(committed(hidden, other)).toMatchObject({ status: 'loaded', stored: other, hidden: stored });
  });

  it('keeps a login of a session that it hides', () => {
    expect(hide(move(loaded, true))).toMatchObject({ status: 'moving', stored: undefined, loggedIn: true });
  });

  it('has ended when a commit finds the session gone', () => {
    expect(committed(loaded, undefined, true).status).toBe('ended');
  });

  it('keeps a move that is asked for while a commit runs', () => {
    const meanwhile = move(startCommit(loaded), false);
    expect(settleCommit(meanwhile, loaded, other, false)).toMatchObject({ status: 'moving', stored: other });
    const login = move(startCommit(loaded), true);
    const gone = settleCommit(login, loaded, undefined, true);
    expect([gone.status, isEnded(gone), storedOf(gone)]).toEqual(['moving', true, undefined]);
  });

  it('keeps a move that is asked for while the commit of a login from an ended session runs', () => {
    const login = move(ended, true);
    const meanwhile = move(startCommit(login), false);
    const settled = settleCommit(meanwhile, login, other, false);
    expect(settled).toMatchObject({ status: 'moving', stored: other, afterEnd: false });
  });

  it('ends what a commit stores after a logout has overtaken it', () => {
    const logout = end(startCommit(fresh), false);
    expect(isOvertaken(logout, fresh)).toBe(true);
    expect(settleCommit(logout, fresh, other, false)).toMatchObject({ status: 'new', ending: other });
  });

  it('moves again after a commit that failed', () => {
    const moving = move(loaded, true);
    expect(startCommit(moving)).toMatchObject({ status: 'loaded', stored });
    expect(failCommit(startCommit(moving), moving)).toMatchObject({
      status: 'moving',
      loggedIn: true,
      stored,
    });
    expect(failCommit(loaded, loaded)).toBe(loaded);
  });

  it('goes back to the ended session when a login fails there', () => {
    const login = move(ended, true);
    expect(startCommit(login).status).toBe('ended');
    expect(failCommit(startCommit(login), login)).toMatchObject({ status: 'moving', afterEnd: true });
  });

  it('stays with its session when a change is lost', () => {
    expect(lose(loaded)).toMatchObject({ status: 'lost', stored });
  });

  it('follows what is stored after a change is lost, and takes no other change', () => {
    const lost = lose(loaded);
    expect(settleCommit(lost, lost, other, false)).toMatchObject({ status: 'lost', stored: other });
    const gone = settleCommit(lost, lost, undefined, true);
    expect([gone.status, storedOf(gone)]).toEqual(['lost', undefined]);
  });

  it('goes back by a reset to what it was before the first move', () => {
    for (const life of [fresh, loaded, ended]) {
      expect(reset(life)).toBe(life);
      expect(reset(move(move(life, false), true))).toBe(life);
    }
    const brought = { ...ended, hidden: stored };
    expect(move(brought, true)).toMatchObject({ ending: stored, hidden: undefined });
    expect(reset(move(brought, true))).toBe(brought);
  });

  it('keeps a logout, a hidden session and the result of a commit through a reset', () => {
    expect(reset(move(end(loaded, false), true))).toMatchObject({ status: 'new', ending: stored });
    expect(reset(hide(move(loaded, true)))).toEqual(hide(loaded));
    const meanwhile = move(startCommit(loaded), true);
    expect(reset(settleCommit(meanwhile, loaded, other, false))).toMatchObject({ stored: other });
    expect(reset(settleCommit(meanwhile, loaded, undefined, true)).status).toBe('ended');
    const overtaken = move(end(startCommit(fresh), false), true);
    expect(reset(settleCommit(overtaken, fresh, other, false))).toMatchObject({ ending: other });
    expect(reset(setEnding(move(loaded, true), other)).ending).toBe(other);
  });
});
