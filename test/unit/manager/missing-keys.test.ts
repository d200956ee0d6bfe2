import { describe, expect, it } from 'vitest';
import { reportMissingKeys } from '../../../lib/manager/missing-keys.js';
import { SessionEvents } from '../../../lib/persistence/session-events.js';

describe('sessions of a key that is not there', () => {
  it('are counted, and warned of once in ten minutes with their number', () => {
    const events = new SessionEvents();
    const lines: string[] = [];
    let now = 1_000_000;
    reportMissingKeys(
      events,
      (line) => void lines.push(line),
      false,
      () => now,
    );
    for (const reason of ['tag', 'expired', 'absent'] as const)
      events.emit('rejected', { session: 'default', reason });
    expect(lines).toEqual([]);
    const reject = () => events.emit('rejected', { session: 'default', reason: 'unknown-key' });
    for (let i = 0; i < 1000; i++) reject();
    expect(lines).toEqual([
      expect.stringMatching(/^1 session was sealed by a key that is not in crypto\.secrets/),
    ]);
    now += 600_000;
    for (let i = 0; i < 1000; i++) reject();
    expect(lines[1]).toMatch(/^1001 sessions were sealed/);
    expect(lines).toHaveLength(2);
    expect(events.count('keyMissing')).toBe(2000);
  });

  it('gives no advice about a list of secrets where the ring is managed', () => {
    const events = new SessionEvents();
    const lines: string[] = [];
    reportMissingKeys(events, (line) => void lines.push(line), true);
    events.emit('rejected', { session: 'default', reason: 'unknown-key' });
    expect(lines).toEqual([expect.stringContaining('a key that is not in the managed ring')]);
    expect(lines[0]).not.toContain('put it back');
  });
});
