import { describe, expect, it } from 'vitest';
import { healthLines } from 'nestjs-session-crypto';
import { Checkup } from '../../../lib/checkup/checkup.js';
import { brokenStore, failing, runningManager } from '../../support/running-manager.js';

describe('healthLines', () => {
  it('gives a line for each part, and one for each finding', async () => {
    const store = brokenStore({ load: failing('ECONNREFUSED') });
    const health = await new Checkup(await runningManager({ store })).report();
    const lines = healthLines(health);
    expect(lines.map(({ part, status }) => [part, status])).toEqual([
      ['store', 'down'],
      ['clock', 'up'],
      ['keys', 'up'],
      ['ring', 'up'],
      ['driver', 'up'],
      ['store-down', 'down'],
    ]);
    expect(lines[0]!.text).toBe('memory "memory" does not answer (ECONNREFUSED)');
    expect(lines[2]!.text).toMatch(/^native: 1 key, [0-9a-f]{8} seals for \d+ s, secrets from literal$/);
  });

  it.each([
    [-0.04, 'agrees with the store'],
    [0.04, 'agrees with the store'],
    [1.26, '1.3 s ahead of the store'],
    [-7, '7.0 s behind the store'],
    [undefined, 'no store tells its time'],
  ])('says of a clock that is %d s ahead that it %s', async (offset, text) => {
    const health = await new Checkup(await runningManager()).report();
    const [, clock] = healthLines({ ...health, clock: { ...health.clock, offset } });
    expect(clock!.text).toBe(text);
  });

  it('shows no character that acts in a terminal', async () => {
    const store = brokenStore({ name: 'a\x1b[2Jb\u202ec\n' });
    const [line] = healthLines(await new Checkup(await runningManager({ store })).report());
    expect(line!.text).toContain('memory "a?[2Jb?c?" answers in');
  });
});
