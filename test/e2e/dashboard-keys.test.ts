import { describe, expect, it } from 'vitest';
import { fileStore } from 'nestjs-session-crypto/php';
import { cookieStore, memoryRevocation, memoryStore, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { temporaryFolder } from '../support/cleanup.js';
import { OPERATOR, PAGE, partOf, startDashboard } from './support/dashboard-app.js';

const KEYS = ['22', '33'].map((byte) => `hex:${byte.repeat(32)}`) as [string, string];

/** What the page of one process says of the old key. */
async function oldKey(store: NonNullable<SessionCryptoOptions['store']>): Promise<string> {
  const app = await startDashboard({}, { session: { store, crypto: { secrets: KEYS } } });
  return partOf(await app.ask(PAGE, { headers: OPERATOR }), 'keys');
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
});
