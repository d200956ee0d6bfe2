import { describe, expect, it } from 'vitest';
import { memoryStore } from 'nestjs-session-crypto';
import { command, configOf, SECRET } from './cookie/support/cookie-cli.js';

describe('session-crypto bench', () => {
  it('measures each driver and cipher in the seconds that it has', async () => {
    const began = performance.now();
    const { status, out } = await command(['bench', '--seconds', '1', '--size', '50', '--json']);
    expect(status).toBe(0);
    expect(performance.now() - began).toBeLessThan(10_000);
    const { rows } = JSON.parse(out) as {
      rows: { of: string; by: string; operation: string; median?: number }[];
    };
    const openssl = rows
      .filter(({ of }) => of === 'openssl')
      .map(({ by, operation }) => `${by} ${operation}`);
    expect(openssl).toEqual(
      ['aes256', 'chacha20', 'aes128'].flatMap((cipher) => [`${cipher} seal`, `${cipher} open`]),
    );
    expect(rows.find(({ of }) => of === 'start')?.median).toBeGreaterThan(1000);
    expect(rows.find(({ of }) => of === 'pkcs11')).toHaveProperty('skipped');
  });

  it('prints a table, and says what it has not measured', async () => {
    const { out } = await command(['bench', '--seconds', '1']);
    expect(out).toMatch(
      /^Node \d+.*; a session with 300 bytes of values; microseconds\nwhat +by +operation +median +p99 +per second\n/,
    );
    expect(out).toMatch(/\nopenssl +aes256 +seal +[\d.]+ +[\d.]+ +\d+\n/);
    expect(out).toMatch(/\npkcs11 was not measured: /);
  });

  it('ends its session in the store also where it is interrupted', async () => {
    const options = { crypto: { secrets: [SECRET] }, store: memoryStore() };
    const args = ['--config', configOf(options, 'bench.options.mjs')];
    const interruption = () => AbortSignal.abort();
    const { status, err } = await command(['bench', '--seconds', '1', ...args], '', { interruption });
    expect([status, err]).toEqual([75, 'session-crypto: interrupted\n']);
    expect((await command(['sessions', 'count', ...args])).out).toBe('0\n');
  });

  it.each([
    ['--seconds', '11', '--seconds is no whole number from 1 to 10'],
    ['--size', '-1', '--size is no whole number from 0 to 100000'],
  ])('refuses %s %s', async (flag, value, said) => {
    const { status, err } = await command(['bench', `${flag}=${value}`]);
    expect([status, err]).toEqual([64, expect.stringContaining(said)]);
  });
});
