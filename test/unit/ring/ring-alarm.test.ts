import { describe, expect, it } from 'vitest';
import { RingAlarm } from '../../../lib/ring/ring-alarm.js';

const MINUTE = 60_000;

function alarmAt() {
  const told: string[] = [];
  const clock = { now: 0 };
  const listener = {
    reloaded: (keys: number) => void told.push(`reloaded ${keys}`),
    failed: (error: unknown) => void told.push((error as Error).message),
  };
  return { told, clock, alarm: new RingAlarm(listener, () => clock.now) };
}

describe('RingAlarm', () => {
  it('repeats one failure every ten minutes only, and tells another one at once', () => {
    const { told, clock, alarm } = alarmAt();
    for (let minute = 0; minute <= 20; minute++) {
      clock.now = minute * MINUTE;
      alarm.failed(new Error('away'));
    }
    alarm.failed(new Error('no key'));
    expect(told).toEqual(['away', 'away', 'away', 'no key']);
  });

  it('tells when all is well again, and when the ring is another, and nothing else', () => {
    const { told, alarm } = alarmAt();
    alarm.succeeded(['a'], false);
    alarm.succeeded(['a', 'b'], true);
    alarm.failed(new Error('away'));
    alarm.succeeded(['a', 'b'], false);
    alarm.succeeded(['a', 'b'], false);
    alarm.failed(new Error('away'));
    expect(told).toEqual(['reloaded 2', 'away', 'reloaded 2', 'away']);
  });
});
