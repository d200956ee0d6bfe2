import { describe, expect, it } from 'vitest';
import { SessionEvents } from '../../../lib/session/index.js';

const adopted = { session: 'default', format: 'apache', until: new Date(0), replayable: false };

describe('SessionEvents', () => {
  it('counts each event by its name, heard or not', () => {
    const events = new SessionEvents();
    events.emit('adopted', adopted);
    events.on('adopted', () => undefined).emit('adopted', adopted);
    expect([events.count('adopted'), events.count('storeDown')]).toEqual([2, 0]);
  });

  it('counts an event that its listener throws at', () => {
    const events = new SessionEvents().on('storeUp', () => {
      throw new Error('not now');
    });
    events.emit('storeUp', { session: 'default' });
    expect(events.count('storeUp')).toBe(1);
  });
});
