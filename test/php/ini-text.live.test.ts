import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SessionConfigError } from 'nestjs-session-crypto';
import { readPhpIni } from 'nestjs-session-crypto/php';
import { NUMBER, readFiles } from './support/ini-files.js';
import { live } from './support/live.js';
import { Dice } from './support/random-data.js';

const COUNT = Number(process.env['COUNT'] ?? 2000);
const BATCH = 2000;
const seed = process.env['SEED'] ?? randomBytes(6).toString('hex');
const ENV = { PLACE: '/srv', EMPTY: '' };

// prettier-ignore
const PIECES = [
  'a', 'b c', ' ', '  ', '\t', 'On', 'off', 'none', 'NULL', 'yes', 'onx', '1', '0x1F', '-2', '1.5', '|', '&', '^', '~', '!', '(', ')', ' | ', ' & ', ' ~', '"', "'",
  '""', "''", '"a"', "'b'", '"x;y"', "'x;y'", '"a\\"b"', '"a\\\\b"', "\\'", '\\', '\\"', '"C:\\x\\"', '$', '$x', '$ ', '${', '${PLACE}', '${ PLACE }', '${NOWHERE}', '${EMPTY}',
  '"${PLACE}/x"', "'${PLACE}'", '${b@@}', '}', '{', '[', ']', '[x]', '=', ';', ';c', ' ;c', '# c', '#', '/', 'C:\\Program Files (x86)\\PHP', 'E_ALL', 'E_ALL & ~E_NOTICE', 'PHP_OS',
  'é', '漢', '\u00a0', '\x01', '\x7f', ',', ':', '%', '`', '<', '?', '*', '\n', '\r\n', '\r', 'R&D', 'wow!', "it's", '\0',
] as const;
// prettier-ignore
const LINES = [
  '; a comment (x) "', '# a comment', '# it\'s (x)', '[PHP]', '[Session]', '[x', '[a;b]', "['a']", '["a]"]', '[a b] ', ' [x]', '\t[x]', '[x] [y]', '[HOST=x]', '[HOST]', '[PATH=/a]', '[PATHS]', '[]', '[x]y',
  'x', 'on', 'off = 1', 'x y = 1', 'x[a] = 1', "x['a'] = 1", 'x["a"] = 1', 'x[] = 1', 'x[a', 'x[a] b = 1', 'x[${PLACE}] = 1', 'b@@ = 5', 'b@@ = 1|2', 'b@@ = E_ALL', 'b@@ = ${PLACE}', 'b@@ =', '= 1', '"x" = 1', "'x' = 1",
  'extension_dir = C:\\Program Files (x86)\\PHP\\ext', 'error_reporting = E_ALL & ~', 'error_reporting = E_ALL & ~E_DEPRECATED', 'password = p)w', 'x = R&D', 'x = wow!', "x = it's", 'x = "a', 'x = ${', 'x = a$', 'x{y} = 1', '<?php', '\ufeff', '',
] as const;
const ENDS = ['\n', '\n', '\n', '\r\n', '\r'] as const;

const oneOf = <T>(dice: Dice, all: readonly T[]): T => all[dice.below(all.length)]!;
const valueOf = (dice: Dice): string =>
  Array.from({ length: dice.below(5) }, () => oneOf(dice, PIECES)).join('');
const lineOf = (dice: Dice): string => (dice.below(3) ? oneOf(dice, LINES) : `x = ${valueOf(dice)}`);

/** Returns a file of up to three lines before or after the one with a random value, and a last line that PHP reads only if
 *  it reads the whole file. */
function fileOf(dice: Dice): string {
  const end = oneOf(dice, ENDS);
  const others = Array.from({ length: dice.below(3) }, () => lineOf(dice));
  const line = `v${NUMBER}${oneOf(dice, [' = ', '=', '\t=\t'])}${valueOf(dice)}`;
  const at = dice.below(others.length + 1);
  const lines = [
    ...others.slice(0, at),
    line,
    ...others.slice(at),
    `a${NUMBER} = end${oneOf(dice, ['', '', ' ', '\t', ' ; c', ';c'])}`,
  ];
  return (dice.below(20) ? '' : '\ufeff') + lines.join(end) + (dice.below(4) ? end : '');
}

/** Returns the values of both directives here, or the faults. */
function readHere(text: string, i: number): { values?: unknown[]; faults: readonly string[] } {
  const named = text
    .replaceAll(`v${NUMBER}`, 'session.referer_check')
    .replaceAll(`a${NUMBER}`, 'session.upload_progress.prefix');
  try {
    const { settings } = readPhpIni(named, { env: ENV });
    const names = ['session.referer_check', 'session.upload_progress.prefix'] as const;
    const values = names.map((name) => settings[name].given && settings[name].value);
    return { values: values.map((value) => value && value.replaceAll(NUMBER, String(i))), faults: [] };
  } catch (error) {
    if (!(error instanceof SessionConfigError)) throw error;
    return { faults: error.faults.map(({ path, message }) => `${path}: ${message}`) };
  }
}

/** Faults about lines that PHP reads: this reader refuses them, because it would not know PHP's value, or because the
 *  value is hardly the one that was meant. */
const STRICTER =
  /is an expression|replaces by the value of its constant|takes for an empty text|ends at its semicolon|a \$ that PHP joins|'' beside other text|is an expression or a constant|has a zero byte|comes after the section|has no =|is no setting of php.ini/;

describe.skipIf(!live)(`${COUNT} random files (SEED=${seed})`, () => {
  it(
    'have the values that PHP reads, or a fault where it reads no further',
    { timeout: 600_000 },
    async () => {
      const dice = new Dice(seed);
      const differences: unknown[] = [];
      let [accepted, ended] = [0, 0];
      for (let done = 0; done < COUNT; done += BATCH) {
        const texts = Array.from({ length: Math.min(BATCH, COUNT - done) }, () => fileOf(dice));
        const rows = await readFiles(texts, ['v', 'a'], ENV);
        for (const [i, [v, a]] of rows.entries()) {
          const { values, faults } = readHere(texts[i]!, i);
          const whole = a !== false;
          if (values) accepted++;
          if (!whole) ended++;
          const stops = faults.some((fault) => fault.includes('PHP stops reading there'));
          const right =
            texts[i]!.includes('\0') || stops !== whole || faults.every((fault) => STRICTER.test(fault));
          const agrees = values ? values[0] === v && values[1] === a : right;
          if (!agrees) differences.push({ text: texts[i], php: [v, a], here: values ?? faults });
        }
      }
      console.log(`test/php: of ${COUNT} files ${accepted} are accepted, and PHP ends ${ended} early`);
      expect(accepted).toBeGreaterThan(COUNT / 20);
      expect(ended).toBeGreaterThan(COUNT / 20);
      expect(differences.slice(0, 20)).toEqual([]);
    },
  );
});
