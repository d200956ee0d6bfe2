import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formLogin } from '../../lib/apache/index.js';
import type { AdapterName } from '../support/adapters.js';
import { ALICE } from './support/accounts.js';
import { REALM } from './support/form.js';
import { live } from './support/live.js';
import { randomSessions } from './support/random-sessions.js';
import { COOKIE, IDLE_TIMEOUT, MAX_AGE, STORES, TwoSides, type StoreName } from './support/two-sides.js';

const ADAPTERS = ['express', 'fastify'] as const;
const SIDES = STORES.flatMap((store) => ADAPTERS.map((adapter) => [adapter, store] as const));
const COUNT = 50;
const seed = process.env['SEED'] ?? randomBytes(6).toString('hex');
const login = formLogin(REALM);

describe.skipIf(!live).each<readonly [AdapterName, StoreName]>(SIDES)(
  'httpd and Nest on %s with the %s store',
  (adapter, store) => {
    let sides: TwoSides;

    beforeAll(async () => {
      sides = await TwoSides.start(adapter, store);
    });
    afterAll(() => sides?.close());

    it('share a session that httpd began', async () => {
      const browser = sides.browser();
      await browser.merge('name=ada&greeting=gr%c3%bc%c3%9fe+%26+more');
      expect(await browser.all()).toEqual({ name: 'ada', greeting: 'grüße & more' });
    });

    it('share a session that Nest began', async () => {
      const browser = sides.browser();
      await browser.nest.run((session) => {
        session.set('name', 'ada');
        session.set('greeting', 'grüße & more');
        session.set('cart', { items: [1, 2] });
      });
      expect(await browser.entries()).toEqual({
        name: 'ada',
        greeting: 'grüße & more',
        cart: '{"items":[1,2]}',
      });
    });

    it('change a session in turns', async () => {
      const browser = sides.browser();
      for (let step = 0; step < 4; step++) {
        await browser.merge(`httpd=${step}&last=httpd`);
        expect(await browser.nest.result((session) => session.get('last'))).toBe('httpd');
        await browser.nest.run((session) => {
          session.set('nest', String(step));
          session.set('last', 'nest');
        });
      }
      expect(await browser.entries()).toEqual({ httpd: '3', nest: '3', last: 'nest' });
      expect(await browser.all()).toEqual({ httpd: '3', nest: '3', last: 'nest' });
    });

    it('both open sessions of the passphrase before', async () => {
      const browser = sides.browser();
      await browser.merge('name=ada', '/before/echo');
      expect(await browser.entries()).toEqual({ name: 'ada' });
      expect(await browser.all()).toEqual({ name: 'ada' });
    });

    it('keep bytes that are not text when Nest changes something else', async () => {
      const browser = sides.browser();
      await browser.merge('raw=%ff%fe%01&n=1');
      await browser.nest.run((session) => session.set('n', '2'));
      expect(await browser.text()).toContain('raw=%ff%fe%01&n=2');
    });

    it('both end a session that Nest destroys', async () => {
      const browser = sides.browser();
      await browser.merge('name=ada');
      await browser.nest.run((session) => session.destroy());
      expect(await browser.text()).toBe('');
      expect(await browser.all()).toEqual({});
    });

    it('both end a session that the backend of httpd empties', async () => {
      const browser = sides.browser();
      await browser.nest.run((session) => session.set('name', 'ada'));
      const names = new URLSearchParams(await browser.text()).keys();
      await browser.merge(`${[...names].map((name) => `${name}=`).join('&')}&expiry=0`);
      expect(await browser.text()).toBe('');
      expect(await browser.all()).toEqual({});
    });

    it('both honour the maximum age of httpd', async () => {
      const [early, late] = [sides.browser(), sides.browser()];
      for (const browser of [early, late]) await browser.merge('name=ada', '/short/echo');
      try {
        sides.nest.ahead = MAX_AGE - 30;
        expect(await early.all()).toEqual({ name: 'ada' });
        sides.nest.ahead = MAX_AGE + 30;
        expect(await late.all()).toEqual({});
      } finally {
        sides.nest.ahead = 0;
      }
    });

    it('both honour the idle timeout of Nest', async () => {
      const [fresh, idle] = [sides.browser(), sides.browser()];
      try {
        sides.nest.ahead = 60 - IDLE_TIMEOUT;
        await fresh.nest.run((session) => session.set('name', 'ada'));
        sides.nest.ahead = -IDLE_TIMEOUT - 60;
        await idle.nest.run((session) => session.set('name', 'ada'));
      } finally {
        sides.nest.ahead = 0;
      }
      expect(await fresh.entries()).toEqual({ name: 'ada' });
      expect(idle.jar.has(COOKIE)).toBe(true);
      expect(await idle.text()).toBe('');
    });

    it('share a login at the form of httpd', async () => {
      const browser = sides.browser();
      const fields = { httpd_username: ALICE.name, httpd_password: ALICE.password };
      expect((await browser.submit('/login', fields)).status).toBe(302);
      expect(await browser.nest.result((session) => login.read(session))).toMatchObject({
        user: ALICE.name,
        password: ALICE.password,
      });
    });

    it('take the user at the form of httpd for the subject in Nest, if the password is right', async () => {
      const browser = sides.browser();
      const subject = () => browser.nest.result((session) => session.subject ?? null);
      await browser.submit('/login', {
        httpd_username: ALICE.name,
        httpd_password: ALICE.password,
      });
      expect(await subject()).toBe(ALICE.name);
      await browser.merge(`${REALM}-pw=guessed`);
      expect(await subject()).toBe(null);
    });

    it('share a login that Nest writes, until Nest clears it', async () => {
      const browser = sides.browser();
      const status = async () => (await browser.get('/private/echo')).status;
      expect(await status()).toBe(401);
      await browser.nest.run((session) => login.write(session, ALICE.name, ALICE.password));
      expect(await status()).toBe(200);
      await browser.nest.run((session) => login.clear(session));
      expect(await status()).toBe(401);
    });

    it(`share ${COUNT} random sessions each way (SEED=${seed})`, async () => {
      const differences: unknown[] = [];
      for (const entries of textSessions()) {
        const wanted = Object.fromEntries(entries);
        const [there, here] = [sides.browser(), sides.browser()];
        await there.merge(String(new URLSearchParams(entries)));
        await here.nest.run((session) => entries.forEach(([key, value]) => session.set(key, value)));
        const seen = { nest: await there.all(), httpd: await here.entries() };
        if (!same(seen.nest, wanted) || !same(seen.httpd, wanted)) differences.push({ wanted, ...seen });
      }
      expect(differences).toEqual([]);
    });
  },
);

/** Random sessions of a few entries, each byte taken as one character. */
const textSessions = () =>
  randomSessions(seed, COUNT).map((entries) =>
    entries
      .filter(([, value]) => value.length < 100)
      .slice(0, 5)
      .map(([key, value]): [string, string] => [key.toString('latin1'), value.toString('latin1')]),
  );

const same = (a: unknown, b: unknown) => sorted(a) === sorted(b);
const sorted = (session: unknown) => JSON.stringify(Object.entries(session as object).toSorted());
