import { expect, it } from 'vitest';
import { managedRing, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { command } from './command.js';
import { ScriptApp } from './script-app.js';
import { SECRET } from './test-app.js';

type Store = NonNullable<SessionCryptoOptions['store']>;
type KeyStore = Parameters<typeof managedRing>[0]['store'];

/** A place of sessions and of keys: each call gives stores of their own, as each process has them. */
export type KeyPlace = () => { readonly store: Store; readonly keys: KeyStore };

/** Registers the stories of `session-crypto keys` over a place. */
export function keyCommandStories(place: KeyPlace): void {
  const options = () => {
    const { store, keys } = place();
    return { store, crypto: { secrets: [SECRET], ring: managedRing({ store: keys }) } };
  };
  const keys = async (...args: string[]) => {
    const end = await command(['keys', ...args], options());
    expect([end.status, end.err]).toEqual([0, '']);
    return end.out;
  };
  const states = async () =>
    (JSON.parse(await keys('list', '--json')) as { id: number; state: string }[]).map(({ id, state }) => [
      id,
      state,
    ]);

  it('makes, promotes, retires and revokes keys while an application uses them, and seals sessions anew', async () => {
    const app = await ScriptApp.start({ ...options(), prune: { interval: 0 } });
    const client = app.client();
    await client.result((session) => session.set('n', 1));
    await keys('add');
    expect(await states()).toEqual([
      [1, 'sealing'],
      [2, 'published'],
    ]);
    expect(await keys('promote', '2')).toMatch(/^id .*\n2 {3}[0-9a-f]{8} {2}(?:published|sealing)/);
    expect(await keys('reseal')).toMatch(/^\d+ sessions sealed anew\n$/);
    expect(await client.result((session) => session.get('n'))).toBe(1);
    await keys('revoke', '1');
    expect((await states())[0]).toEqual([1, 'revoked']);
    await app.sessions.reloadKeys();
    expect(await client.result((session) => session.get('n') ?? null)).toBeNull();
    await keys('retire', '2');
    expect((await states()).at(-1)).toEqual([3, expect.stringMatching(/^(?:published|sealing)$/)]);
    const unknown = await command(['keys', 'retire', '99'], options());
    expect([unknown.status, unknown.out]).toEqual([65, '']);
    expect(unknown.err).toMatch(/^session-crypto: The ring has no key 99; there are 1, 2/);
  });
}
