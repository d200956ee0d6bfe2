import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PhpSerializerName } from 'nestjs-session-crypto/php';
import { ADAPTER_NAMES, type AdapterName } from '../support/adapters.js';
import { leftOut, live } from './support/live.js';
import { TwoSides, type Browser } from './support/two-sides.js';

if (!live) console.log(leftOut);

const SERIALIZERS: readonly PhpSerializerName[] = ['php', 'php_serialize', 'php_binary'];
const CASES = ADAPTER_NAMES.flatMap((adapter) =>
  SERIALIZERS.map((serializer) => [adapter, serializer] as const),
);
const UNUSUAL = `
  $_SESSION['name'] = 'Grüße'; $_SESSION['one'] = 1.0; $_SESSION['zero'] = -0.0; $_SESSION['tenth'] = 0.1;
  $_SESSION['bytes'] = "\\xff\\0|;"; $_SESSION['max'] = PHP_INT_MAX; $_SESSION['inf'] = INF;
  $_SESSION['object'] = new ArrayObject([1]); $o = new stdClass; $o->a = [1, 'k' => null];
  $_SESSION['std'] = $o; $_SESSION['again'] = $o; $list = [1, 2]; $_SESSION['x'] = &$list; $_SESSION['y'] = &$list;`;

describe.skipIf(!live).each<readonly [AdapterName, PhpSerializerName]>(CASES)(
  'PHP and Nest on %s with sessions of %s',
  (adapter, serializer) => {
    let sides: TwoSides;
    let browser: Browser;

    beforeEach(async () => {
      sides = await TwoSides.start({ adapter, serializer });
      browser = sides.browser();
    });

    const fileOf = (id: string) => join(sides.path, `sess_${id}`);
    const back = (seconds: number) => new Date(Date.now() - 1000 * seconds);

    it('share a session that PHP has begun and Nest has changed', async () => {
      await browser.php(`$_SESSION['name'] = 'ada'; $_SESSION['cart'] = ['a' => [1, 2.5, true, null]];`);
      const { id } = browser;
      expect(await browser.all()).toEqual({ name: 'ada', cart: { a: [1, 2.5, true, null] } });
      await browser.visit((session) => session.set('nest', { n: 1 }));
      expect(browser.id).toBe(id);
      const seen = { name: 'ada', cart: { a: [1, 2.5, true, null] }, nest: { n: 1 } };
      expect(await browser.seenByPhp()).toEqual(seen);
      await browser.php(`$_SESSION['nest']['n'] = 2; unset($_SESSION['name']);`);
      expect(await browser.all()).toEqual({ cart: seen.cart, nest: { n: 2 } });
    });

    it('share a session that Nest has begun, in the strict mode of PHP', async () => {
      await browser.visit((session) => session.set('name', 'ada'));
      const { id } = browser;
      expect(id).toMatch(/^[A-Za-z0-9,-]{48}$/);
      expect(await browser.seenByPhp()).toEqual({ name: 'ada' });
      expect(browser.id).toBe(id);
    });

    it('keep variables that handlers do not see or change, byte for byte and in their order', async () => {
      await browser.php(UNUSUAL);
      await browser.visit((session) => session.set('seen', true));
      const before = await sides.read(browser.id);
      const hash = `$all = $_SESSION; unset($all['_nsc'], $all['seen'], $all['new']); echo json_encode(md5(serialize($all)));`;
      const md5 = await browser.php(hash);
      await browser.visit((session) => session.set('new', 1));
      const after = await sides.read(browser.id);
      expect(await browser.php(hash)).toBe(md5);
      await browser.visit((session) => session.delete('new'));
      expect((await sides.read(browser.id)).equals(before)).toBe(true);
      expect(after.equals(before)).toBe(false);
      const types = `echo json_encode([is_float($_SESSION['one']), $_SESSION['max'] === PHP_INT_MAX, $_SESSION['std'] === $_SESSION['again']]);`;
      expect(await browser.php(types)).toEqual([true, true, true]);
    });

    it('leave a session of PHP alone whose id is too short for Nest, as long as Nest stores none', async () => {
      browser.nest.jar.set('PHPSESSID', 'user42');
      await browser.php(`$_SESSION['a'] = 1;`, { 'session.use_strict_mode': 0 });
      expect(await browser.all()).toEqual({});
      expect(browser.id).toBe('user42');
      expect(await browser.seenByPhp()).toEqual({ a: 1 });
      await browser.visit((session) => session.set('a', 2));
      expect(browser.id).toMatch(/^[A-Za-z0-9,-]{48}$/);
      expect((await sides.read('user42')).toString()).not.toContain('_nsc');
    });

    it('keep the login of Nest while PHP changes the session, until PHP empties it', async () => {
      await browser.visit((session) => session.login('ada'));
      await browser.php(`$_SESSION['a'] = 1;`);
      expect(await browser.visit((session) => session.subject)).toBe('ada');
      await browser.php('$_SESSION = [];');
      expect(await browser.visit((session) => session.subject ?? 'nobody')).toBe('nobody');
    });

    it('accept no login from a sealed part that PHP has copied into another session', async () => {
      await browser.visit((session) => session.login('ada'));
      const entry = (await browser.php(`echo json_encode($_SESSION['_nsc']);`)) as string;
      const thief = sides.browser();
      await thief.php(`$_SESSION['_nsc'] = '${entry}'; $_SESSION['a'] = 1;`);
      expect(await thief.visit((session) => [session.subject ?? 'nobody', session.get('a')])).toEqual([
        'nobody',
        1,
      ]);
    });

    it('find a session under the new id that PHP has given it, with its data and without the login', async () => {
      await browser.visit((session) => session.login('ada'));
      await browser.visit((session) => session.set('a', 1));
      const old = browser.copy();
      await browser.php('session_regenerate_id(true);');
      expect(browser.id).not.toBe(old.id);
      expect(await browser.visit((session) => [session.get('a'), session.subject ?? 'nobody'])).toEqual([
        1,
        'nobody',
      ]);
      expect(await old.visit((session) => session.isNew)).toBe(true);
    });

    it('take back the changes of a request: session_reset() and session_abort() there, reset() here', async () => {
      await browser.php(`$_SESSION['a'] = 1;`);
      await browser.all(); // the first visit of Nest adds its sealed part
      const before = await sides.read(browser.id);
      const change = `$_SESSION['a'] = 2; $_SESSION['b'] = 3;`;
      const php = await browser.php(`${change} session_reset(); echo json_encode($_SESSION['a']);`);
      await browser.php(`${change} session_abort();`);
      const nest = await browser.visit((session) => {
        session.set('a', 2);
        session.set('b', 3);
        session.reset();
        return session.all();
      });
      expect([php, nest]).toEqual([1, { a: 1 }]);
      expect((await sides.read(browser.id)).equals(before)).toBe(true);
    });

    it('find no session that the other side has ended', async () => {
      await browser.php(`$_SESSION['a'] = 1;`);
      await browser.php('session_destroy();');
      expect(await browser.all()).toEqual({});
      const other = sides.browser();
      await other.visit((session) => session.set('a', 1));
      const stolen = other.copy();
      await other.visit((session) => session.logout());
      expect(await stolen.seenByPhp()).toEqual([]);
      expect(stolen.id).not.toBe(other.id);
    });

    it('find a session under the new id that Nest has given it, and none under the old id', async () => {
      await browser.php(`$_SESSION['a'] = 1;`);
      const old = browser.copy();
      await browser.visit((session) => session.regenerate());
      expect(browser.id).not.toBe(old.id);
      expect(await browser.seenByPhp()).toEqual({ a: 1 });
      expect(await old.seenByPhp()).toEqual([]);
    });

    it('accept no id that the other side does not know', async () => {
      const id = 'a'.repeat(48);
      browser.nest.jar.set('PHPSESSID', id);
      await browser.visit((session) => session.set('a', 1));
      expect(browser.id).not.toBe(id);
      browser.nest.jar.set('PHPSESSID', id);
      await browser.php(`$_SESSION['a'] = 1;`);
      expect(browser.id).not.toBe(id);
      expect(await sides.files()).not.toContain(`sess_${id}`);
    });

    it('accept an empty session that PHP has just begun', async () => {
      await browser.php('');
      const { id } = browser;
      expect((await sides.read(id)).toString()).toBe(serializer === 'php_serialize' ? 'a:0:{}' : '');
      expect(await browser.visit((session) => [session.isNew, session.all()])).toEqual([false, {}]);
      await browser.visit((session) => session.set('a', 1));
      expect(browser.id).toBe(id);
      expect(await browser.seenByPhp()).toEqual({ a: 1 });
    });

    it('move the idle deadline for the other side, even if PHP writes nothing', async () => {
      await browser.visit((session) => session.set('a', 1));
      await utimes(fileOf(browser.id), back(1000), back(1000));
      const bytes = await sides.read(browser.id);
      await browser.php(`$_SESSION['a'] = 1;`, { 'session.lazy_write': 1 });
      expect((await sides.read(browser.id)).equals(bytes)).toBe(true);
      const age = async () =>
        (await browser.visit((session) => Date.now() - session.lastSeenAt.getTime())) as number;
      expect(await age()).toBeLessThan(30_000);
      await utimes(fileOf(browser.id), back(1000), back(1000));
      await browser.visit((session) => session.get('a')); // a touch is due
      expect(await age()).toBeLessThan(30_000);
    });

    it('remove expired sessions of the other side, and nothing else', async () => {
      await browser.visit((session) => session.set('a', 1));
      const other = sides.browser();
      await other.php(`$_SESSION['a'] = 1;`);
      await utimes(fileOf(browser.id), back(2000), back(2000));
      expect(await browser.all()).toEqual({});
      const gc = `session_start(); echo json_encode(session_gc()); session_destroy();`;
      expect(JSON.parse((await sides.php.page(gc, '', { 'session.gc_maxlifetime': 1440 })).body)).toBe(1);
      await utimes(fileOf(other.id), back(2000), back(2000));
      const kept = sides.browser();
      await kept.php(`$_SESSION['a'] = 1;`);
      expect(await sides.app.sessions.prune()).toBe(1);
      expect(await sides.files()).toEqual([`sess_${kept.id}`]);
    });
  },
);
