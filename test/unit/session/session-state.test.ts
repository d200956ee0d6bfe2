import { describe, expect, it } from 'vitest';
import { SessionEvents } from '../../../lib/persistence/session-events.js';
import { SessionState, type SessionParts } from '../../../lib/session/session-state.js';
import type { SessionLookup } from '../../../lib/persistence/session-repository.interface.js';
import { emptyRecord } from '../../../lib/record/session-record.js';

const NOW = 1_800_000_000;
const record = emptyRecord(NOW, 0, 0);
const found: SessionLookup = {
  kind: 'live',
  now: NOW,
  entry: { key: record.id, version: 1, record, stale: false, cookieOutdated: false },
};
const timeouts = {
  idleTimeout: 0,
  absoluteTimeout: 0,
  regenerateInterval: 0,
  graceTime: 0,
  touchInterval: 0,
};

/** A loaded session whose head has left. */
function stateAfterHead(repository: { onServer: boolean; changesIdOnSave?: boolean }): SessionState {
  const events = new SessionEvents();
  const parts = { repository: { ...repository, now: () => NOW }, timeouts, events, tell() {} };
  return new SessionState(parts as unknown as SessionParts, found, { headSent: true });
}

const change = { apply: () => undefined };

describe('SessionState', () => {
  it('takes a change after the head where save() can still store it', () => {
    const state = stateAfterHead({ onServer: true });
    expect(() => state.change(change)).not.toThrow();
  });

  it.each([
    ['lives in the cookie', { onServer: false }],
    ['gets a new id with every save', { onServer: true, changesIdOnSave: true }],
  ])('refuses a change after the head of a session that %s', (_, repository) => {
    const state = stateAfterHead(repository);
    expect(() => state.change(change)).toThrow(expect.objectContaining({ code: 'ERR_SESSION_HEAD_SENT' }));
  });
});

/** A loaded session, the head of whose response the test holds, and the moments that its commits get. */
function stateBehind(response: { headSent: boolean; failed?: boolean; heldUntil?: number }) {
  const moments: unknown[] = [];
  const committer = {
    commit: ({ until }: { until?: number }) => {
      moments.push(until);
      return { entry: undefined, cookie: 'keep', gone: false };
    },
  };
  const repository = { onServer: true, now: () => NOW };
  const parts = { repository, committer, timeouts, events: new SessionEvents(), tell() {} };
  return { state: new SessionState(parts as unknown as SessionParts, found, response), moments };
}

describe('a save of a handler', () => {
  it('stores nothing once an error was sent in place of the response', async () => {
    const { state, moments } = stateBehind({ headSent: true, failed: true });
    state.change(change);
    await expect(state.save()).rejects.toMatchObject({ code: 'ERR_SESSION_HEAD_SENT' });
    expect(moments).toEqual([]);
  });

  it('stores nothing after the moment at which the head that waits becomes an error', async () => {
    const { state, moments } = stateBehind({ headSent: false, heldUntil: 1234 });
    state.change(change);
    await state.save();
    expect(moments).toEqual([1234]);
  });

  it('has its own time while the head waits for nothing', async () => {
    const { state, moments } = stateBehind({ headSent: false });
    state.change(change);
    await state.save();
    expect(moments).toEqual([undefined]);
  });
});

describe('renewal after a refused request', () => {
  const refused = { cookie: 'allowed', readonly: undefined, renewal: 'never' } as const;

  /** How the commit of a session in its cookie renews it. */
  async function renewalOf(act: (state: SessionState) => void): Promise<string> {
    let renew = '';
    const committer = {
      commit: (pending: { renew: string }) => {
        renew = pending.renew;
        return { entry: undefined, cookie: 'keep', gone: false };
      },
    };
    const repository = { onServer: true, now: () => NOW };
    const parts = { repository, committer, timeouts, events: new SessionEvents(), tell() {} };
    const state = new SessionState(parts as unknown as SessionParts, found, { headSent: false });
    act(state);
    await state.commit();
    return renew;
  }

  it('is none, also where touch() came before', async () => {
    expect(await renewalOf((state) => state.grant(refused))).toBe('no');
    const touched = (state: SessionState) => {
      state.touch();
      state.grant(refused);
    };
    expect(await renewalOf(touched)).toBe('no');
  });

  it('is none, also where a feature wants the clock to be moved in time', async () => {
    const wanted = (state: SessionState) => {
      state.grant(refused);
      state.touchAfter(0);
    };
    expect(await renewalOf(wanted)).toBe('no');
  });

  it('is forced by a touch() that comes later, as in an admitted message of a socket', async () => {
    const touched = (state: SessionState) => {
      state.grant(refused);
      state.touch();
    };
    expect(await renewalOf(touched)).toBe('force');
  });
});
