import { cookieStore, memoryRevocation, memoryStore } from 'nestjs-session-crypto';
import { describe, expect, it } from 'vitest';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { ScriptApp, type Client, type Script } from '../support/script-app.js';
import type { SessionPlan } from '../support/test-app.js';
import { underWay } from './support/hold.js';

const STORES = {
  'the cookie alone': { store: () => cookieStore(), undone: true },
  'the cookie with a revocation': {
    store: () => cookieStore({ revocation: memoryRevocation() }),
    undone: false,
  },
  memory: { store: () => memoryStore(), undone: false },
} satisfies Record<string, { store: () => SessionPlan['store']; undone: boolean }>;

/** What a request does that began before the logout and ends after it. */
const LATE: readonly { what: string; script: Script; ahead?: number }[] = [
  { what: 'a change', script: (session) => session.set('seen', 1) },
  { what: 'a touch that is due', script: (session) => session.subject, ahead: 800 },
  { what: 'regenerate()', script: (session) => session.regenerate() },
];

const subjectOf = (client: Client) => client.result((session) => session.subject ?? null);

const combinations = ADAPTER_NAMES.flatMap((adapter) =>
  Object.entries(STORES).flatMap(([name, { store, undone }]) =>
    LATE.map((late) => ({ adapter, name, store, undone, ...late })),
  ),
);

/** docs/sessions.md says which of them brings the same browser's session back. */
describe('a logout', () => {
  it.each(combinations)(
    'of a session in $name on $adapter is undone by $what of a slow request: $undone',
    async ({ adapter, store, script, ahead = 0, undone }) => {
      const app = await ScriptApp.start({ store: store() }, adapter);
      const browser = app.client();
      await browser.run((session) => session.login('ada'));
      app.ahead = ahead;
      const slow = await underWay(browser, script);
      await browser.run((session) => session.logout());
      expect(await subjectOf(browser)).toBe(null);
      await slow.finish();
      expect(await subjectOf(browser)).toBe(undone ? 'ada' : null);
    },
  );
});
