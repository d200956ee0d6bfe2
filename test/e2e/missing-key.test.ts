import { cookieStore, memoryStore, SessionCryptoModule } from 'nestjs-session-crypto';
import { RememberMeModule } from 'nestjs-session-crypto/remember-me';
import { describe, expect, it } from 'vitest';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { SECRET, startApp } from '../support/test-app.js';
import { ScriptApp } from '../support/script-app.js';

const OTHER = `hex:${'22'.repeat(32)}`;

describe.each(ADAPTER_NAMES)('on %s', (adapter) => {
  it.each([
    ['memory', () => memoryStore()],
    ['cookie', () => cookieStore({ acceptReplay: true })],
  ])('a key that was dropped too early is warned of once, with the %s store', async (_, store) => {
    const before = await ScriptApp.start({ store: store(), crypto: { secrets: [SECRET] } }, adapter);
    const after = await ScriptApp.start({ store: store(), crypto: { secrets: [OTHER] } }, adapter);
    for (let i = 0; i < 3; i++) {
      const client = before.client();
      await client.result((session) => session.login('ada'));
      const moved = client.copy(after.url);
      expect(await moved.result((session) => session.subject ?? null)).toBeNull();
    }
    const lines = after.complaints.filter((line) => line.includes('crypto.secrets'));
    expect(lines).toEqual([expect.stringContaining('sealed by a key that is not in crypto.secrets')]);
    expect(after.seen('keyMissing').map(({ sessions }) => sessions)).toEqual([1, 2, 3]);
    const [{ hint } = {}, ...others] = after.seen('keyMissing');
    expect(hint).toMatch(/^[0-9a-f]{8}$/);
    expect(lines[0]).toContain(`named by the hint ${hint} (1)`);
    expect(others.map((one) => one.hint)).toEqual([hint, hint]);
    expect(after.seen('rejected')[0]).toEqual({ session: 'default', reason: 'unknown-key', hint });
    expect(JSON.stringify([lines, after.events])).not.toContain('2222');
    expect(before.seen('keyMissing')).toEqual([]);
  });

  it('RememberMeModule names the sessions that it lacks', async () => {
    const alone = startApp({ adapter, imports: [RememberMeModule.forRoot({ store: memoryStore() })] });
    await expect(alone).rejects.toThrow(
      /finds no session "default"; import SessionCryptoModule\.forRoot\(\{ crypto/,
    );
    const sessions = SessionCryptoModule.forRoot({ crypto: { secrets: [SECRET] }, store: memoryStore() });
    const admin = RememberMeModule.forRoot({ session: 'admin', store: memoryStore() });
    const other = startApp({ adapter, imports: [sessions, admin] });
    await expect(other).rejects.toThrow(/finds no session "admin"; import .*name: 'admin'/);
  });
});
