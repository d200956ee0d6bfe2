import { describe, expect, it } from 'vitest';
import { fileStore } from 'nestjs-session-crypto/php';
import { cookieStore, memoryRevocation, memoryStore, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { keys } from '../../lib/dashboard/page/facts.js';
import { WatchedSession } from '../../lib/dashboard/watched-session.js';
import type { SessionManager } from '../../lib/manager/session-manager.js';
import { MANAGER } from '../../lib/session.providers.js';
import { cleanUp, temporaryFolder } from '../support/cleanup.js';
import { startApp } from '../support/test-app.js';
import { OPERATOR, PAGE, partOf, startDashboard } from './support/dashboard-app.js';

const KEYS = ['22', '33', '44'].map((byte) => `hex:${byte.repeat(32)}`) as [string, string, string];
const [OLD, NEW, NEXT] = KEYS;
const HOUR = 3_600_000;

/** What the page of one process says of the old key. */
async function oldKey(store: NonNullable<SessionCryptoOptions['store']>): Promise<string> {
  const app = await startDashboard({}, { session: { store, crypto: { secrets: KEYS } } });
  return partOf(await app.ask(PAGE, { headers: OPERATOR }), 'keys');
}

/** A process whose keys change while its clock is set, and what its page says of the key at the end of the ring. */
async function rotating(more: Partial<SessionCryptoOptions> = {}) {
  const clock = { now: Date.UTC(2026, 0, 1) };
  let secrets = [OLD, NEW];
  const { app, sessions } = await startApp({
    session: {
      store: fileStore({ path: await temporaryFolder() }),
      crypto: { secrets: [() => secrets] },
      ...more,
    },
  });
  const manager = app.get<SessionManager>(MANAGER, { strict: false });
  const clocks = { steady: () => clock.now, wall: () => clock.now };
  const watched = new WatchedSession(manager, sessions, clocks);
  watched.start();
  cleanUp(() => watched.stop());
  return {
    pass: (milliseconds: number) => void (clock.now += milliseconds),
    reload: async (...next: string[]) => {
      secrets = next;
      await sessions.reloadKeys();
    },
    lastKey: async () => {
      const { text } = keys(await watched.view());
      return text
        .split('</td>')
        .at(-2)!
        .replace(/^[^]*>/, '');
    },
  };
}

describe('when an old key can go, on the page', () => {
  it.each([
    ['cookies', cookieStore({ acceptReplay: true })],
    ['cookies with a revocation in memory', cookieStore({ revocation: memoryRevocation() })],
    ['memory', memoryStore()],
  ])('is not known of sessions in %s, since other processes count apart', async (_, store) => {
    expect(await oldKey(store)).toContain('not known: nobody here hears of other processes');
  });

  it('is known where the processes hear of each other', async () => {
    expect(await oldKey(fileStore({ path: await temporaryFolder() }))).toContain(', unless it is used again');
  });

  it.each<[string, Partial<SessionCryptoOptions>, number]>([
    ['the longest session', {}, 8 * HOUR],
    ['a CSRF token', { csrf: { lifetime: 72 * 3600 } }, 72 * HOUR],
  ])('is after the need of %s that it sealed before a reload', async (_, more, need) => {
    const page = await rotating(more);
    page.pass(1000 * HOUR); // it seals all the time, and nobody comes back
    await page.reload(NEW, OLD);
    page.pass(need - 60_000);
    expect(await page.lastKey()).toBe(', unless it is used again');
    page.pass(60_000);
    expect(await page.lastKey()).toBe('now');
  });

  it('counts a key that sealed between two reports only', async () => {
    const page = await rotating();
    page.pass(1000 * HOUR);
    await page.reload(NEXT, OLD, NEW);
    page.pass(HOUR);
    await page.reload(NEW, OLD, NEXT);
    page.pass(7 * HOUR);
    expect(await page.lastKey()).toBe(', unless it is used again');
    page.pass(HOUR);
    expect(await page.lastKey()).toBe('now');
  });
});
