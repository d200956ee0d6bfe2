import { describe, expect, it } from 'vitest';
import { SessionEvents, SessionState, type Found, type SessionParts } from '../../../lib/session/index.js';
import { emptyRecord } from '../../../lib/session/session-record.js';

const NOW = 1_800_000_000;
const record = emptyRecord(NOW, 0, 0);
const found: Found = {
  kind: 'live',
  now: NOW,
  entry: { key: record.id, version: 1, record, stale: false, resend: false },
};
const timeouts = {
  idleTimeout: 0,
  absoluteTimeout: 0,
  regenerateInterval: 0,
  graceTime: 0,
  touchInterval: 0,
};

/** A loaded session whose head has left. */
function stateAfterHead(repository: { onServer: boolean; renewsAlways?: boolean }): SessionState {
  const events = new SessionEvents();
  const parts = { repository: { ...repository, now: () => NOW }, timeouts, events, warn() {} };
  const state = new SessionState(parts as unknown as SessionParts, found);
  state.headSent = true;
  return state;
}

const change = { apply: () => undefined };

describe('SessionState', () => {
  it('takes a change after the head where save() can still store it', () => {
    const state = stateAfterHead({ onServer: true });
    expect(() => state.change(change)).not.toThrow();
  });

  it.each([
    ['lives in the cookie', { onServer: false }],
    ['gets a new id with every save', { onServer: true, renewsAlways: true }],
  ])('refuses a change after the head of a session that %s', (_, repository) => {
    const state = stateAfterHead(repository);
    expect(() => state.change(change)).toThrow(expect.objectContaining({ code: 'ERR_SESSION_HEAD_SENT' }));
  });
});
