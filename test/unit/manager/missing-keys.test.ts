import { describe, expect, it } from 'vitest';
import { countMissingKeys } from '../../../lib/manager/missing-keys.js';
import { SessionEvents } from '../../../lib/persistence/session-events.js';

describe('sessions of a key that is not there', () => {
  it('are counted, with the hint that they name', () => {
    const events = new SessionEvents();
    const told: unknown[] = [];
    events.on('keyMissing', (detail) => void told.push(detail));
    countMissingKeys(events);
    for (const reason of ['tag', 'expired', 'absent'] as const)
      events.emit('rejected', { session: 'default', reason });
    expect(told).toEqual([]);
    events.emit('rejected', { session: 'default', reason: 'unknown-key', hint: '31b74615' });
    events.emit('rejected', { session: 'default', reason: 'unknown-key' });
    expect(told).toStrictEqual([
      { session: 'default', sessions: 1, hint: '31b74615' },
      { session: 'default', sessions: 2 },
    ]);
  });
});
