import { describe, expect, it } from 'vitest';
import { SessionEvents } from '../../../lib/persistence/session-events.js';

const adopted = { session: 'default', format: 'apache', until: new Date(0), replayable: false };

describe('SessionEvents', () => {
  it('counts each event by its name, heard or not', () => {
    const events = new SessionEvents();
    events.emit('migrated', adopted);
    events.on('migrated', () => undefined).emit('migrated', adopted);
    expect([events.count('migrated'), events.count('storeDown')]).toEqual([2, 0]);
  });

  it('counts an event that its listener throws at', () => {
    const events = new SessionEvents().on('storeUp', () => {
      throw new Error('not now');
    });
    events.emit('storeUp', { session: 'default', store: 'sessions' });
    expect(events.count('storeUp')).toBe(1);
  });
});
