import { describe, expect, it } from 'vitest';
import { SessionStateError } from 'nestjs-session-crypto';
import { Census } from '../../../lib/dashboard/census.js';

function begin(count: (clock: { now: number }) => Promise<number>) {
  const clock = { now: 0 };
  const noted: number[] = [];
  const clocks = { steady: () => clock.now, wall: () => clock.now };
  return {
    clock,
    noted,
    census: new Census(
      () => count(clock),
      clocks,
      (sessions) => noted.push(sessions),
    ),
  };
}

describe('Census', () => {
  it('counts once a minute', async () => {
    const { clock, noted, census } = begin(async () => 5);
    for (let second = 0; second < 150; second++, clock.now += 1000) await census.tick();
    expect(noted).toHaveLength(3);
    expect(census.result).toMatchObject({ kind: 'known', value: 5 });
  });

  it('spends no more than a two hundredth of the time, however long one count takes', async () => {
    const { clock, noted, census } = begin(async (clock) => {
      clock.now += 20_000;
      return 1;
    });
    for (let minute = 0; minute < 130; minute++, clock.now += 60_000) await census.tick();
    expect(noted).toHaveLength(2);
  });

  it('never begins a count while another one runs', async () => {
    let release: (sessions: number) => void = () => undefined;
    const { clock, census } = begin(() => new Promise((resolve) => (release = resolve)));
    const first = census.tick();
    clock.now += 600_000;
    await census.tick();
    release(3);
    await first;
    expect(census.result).toMatchObject({ kind: 'known', value: 3 });
  });

  it('asks a store that cannot count only once', async () => {
    let asked = 0;
    const { clock, census } = begin(async () => {
      asked++;
      throw new SessionStateError('ERR_SESSION_UNSUPPORTED', 'no');
    });
    for (let i = 0; i < 5; i++, clock.now += 600_000) await census.tick();
    expect([asked, census.result.kind]).toEqual([1, 'impossible']);
  });

  it('tries again after a failure', async () => {
    let fails = true;
    const { clock, census } = begin(async () => {
      if (fails) throw new Error('away');
      return 2;
    });
    await census.tick();
    expect(census.result.kind).toBe('failed');
    fails = false;
    clock.now += 60_000;
    await census.tick();
    expect(census.result).toMatchObject({ value: 2 });
  });
});
