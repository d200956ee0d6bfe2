import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { JsonValue } from 'nestjs-session-crypto';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { live } from './support/live.js';
import { quoted } from './support/php.js';
import { randomData } from './support/random-data.js';
import { TwoSides, type Browser } from './support/two-sides.js';

const COUNT = 200;
const seed = process.env['SEED'] ?? randomBytes(6).toString('hex');
if (live) console.log(`test/php: random sessions of SEED=${seed}`);

/** Builds sessions of everything that PHP can keep. `plain` is the part that JSON has too. */
const GENERATOR = `
mt_srand(${parseInt(seed.slice(0, 6), 16) || 1});
function text() { $t = ''; for ($n = mt_rand(0, 12); $n > 0; $n--) $t .= ['a', 'Z', 'ü', '漢', '🦉', '"', ';', '{', ' ', '0'][mt_rand(0, 9)]; return $t; }
function bytes() { $t = ''; for ($n = mt_rand(1, 20); $n > 0; $n--) $t .= chr(mt_rand(0, 255)); return $t; }
function plain($d) {
  $k = mt_rand(0, $d > 3 ? 5 : 7);
  if ($k < 6) return [null, (bool) mt_rand(0, 1), mt_rand() - mt_getrandmax() / 2, mt_rand(), mt_rand() / 7, text()][$k];
  $a = []; for ($n = mt_rand(1, 4); $n > 0; $n--) if ($k == 6) $a[] = plain($d + 1); else $a['k' . text()] = plain($d + 1);
  return $a;
}
function any($d, &$shared) {
  $k = mt_rand(0, $d > 3 ? 6 : 9);
  if ($k < 7) return [1.0, -0.0, PHP_INT_MAX - mt_rand(), INF, bytes(), -mt_rand() / 3, plain($d)][$k];
  if ($k == 7) { $o = new stdClass; for ($n = mt_rand(0, 3); $n > 0; $n--) $o->{'p' . $n} = any($d + 1, $shared); $shared[] = $o; return $o; }
  if ($k == 8 && $shared) return $shared[mt_rand(0, count($shared) - 1)];
  $a = []; for ($n = mt_rand(0, 4); $n > 0; $n--) $a[mt_rand(0, 1) ? mt_rand(-5, 5) : text()] = any($d + 1, $shared);
  return $a;
}
function session() {
  $shared = []; $s = ['plain' => plain(0)];
  for ($n = mt_rand(0, 5); $n > 0; $n--) $s['v' . $n . str_replace('|', '', text())] = any(0, $shared);
  if (mt_rand(0, 1)) { $s['r1'] = plain(2); $s['r2'] = &$s['r1']; }
  return $s;
}`;
const each = (ids: readonly string[], work: string) =>
  `$out = []; foreach (json_decode(${quoted(JSON.stringify(ids))}) as $i => $id) { session_id($id); session_start(); ${work} session_write_close(); } echo json_encode($out, JSON_THROW_ON_ERROR);`;

const CASES = ADAPTER_NAMES.flatMap((adapter) =>
  (['php', 'php_serialize', 'php_binary'] as const).map((serializer) => ({ adapter, serializer })),
);

describe.skipIf(!live).each(CASES)(
  `${COUNT} random sessions of $serializer, with Nest on $adapter (SEED=${seed})`,
  ({ adapter, serializer }) => {
    let sides: TwoSides;
    beforeAll(async () => {
      sides = await TwoSides.start({ adapter, serializer });
    });

    const visitor = (id: string): Browser => {
      const browser = sides.browser();
      browser.nest.jar.set('PHPSESSID', encodeURIComponent(id));
      return browser;
    };

    it('that PHP wrote are read and changed here, and PHP reads the same', async () => {
      const work = `$_SESSION = session(); $out[] = [session_id(), $_SESSION['plain'], md5(serialize($_SESSION))];`;
      const begin = `${GENERATOR} $out = []; for ($i = 0; $i < ${COUNT}; $i++) { session_id(session_create_id()); ini_set('session.use_strict_mode', 0); session_start(); ${work} session_write_close(); ini_set('session.use_strict_mode', 1); } echo json_encode($out);`;
      const written = JSON.parse(await sides.php.run(begin)) as [string, JsonValue, string][];
      const seen: unknown[] = [];
      for (const [i, [id]] of written.entries())
        seen.push(
          await visitor(id).visit((session) => {
            session.set('nest', i);
            return session.get('plain');
          }),
        );
      const ids = written.map(([id]) => id);
      const compare = `$nest = $_SESSION['nest']; unset($_SESSION['nest'], $_SESSION['_nsc']); $out[] = [$nest, md5(serialize($_SESSION))];`;
      const found = JSON.parse(await sides.php.run(each(ids, compare))) as [number, string][];
      const differences = written.filter(
        ([, plain, md5], i) =>
          JSON.stringify(seen[i]) !== JSON.stringify(plain) || found[i]![0] !== i || found[i]![1] !== md5,
      );
      expect(found).toHaveLength(COUNT);
      expect(differences).toEqual([]);
    });

    it('that were written here are read and changed by PHP, and are read the same here', async () => {
      const sessions = randomData(seed, COUNT);
      const browsers: Browser[] = [];
      for (const data of sessions) {
        const browser = sides.browser();
        await browser.visit((session) => {
          for (const [key, value] of Object.entries(data)) session.set(key, value);
        });
        browsers.push(browser);
      }
      const work = `$all = $_SESSION; unset($all['_nsc']); $out[] = $all; $_SESSION['php'] = $i;`;
      const ids = browsers.map(({ id }) => id);
      const read = JSON.parse(await sides.php.run(each(ids, work), { serialize_precision: -1 })) as unknown[];
      expect(read).toEqual(sessions);
      for (const [i, browser] of browsers.entries())
        expect(await browser.all()).toEqual({ ...sessions[i], php: i });
    });
  },
);
