import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SessionConfigError } from 'nestjs-session-crypto';
import { PHP_SETTINGS, readPhpIni } from 'nestjs-session-crypto/php';
import { live } from './support/live.js';
import { Dice } from './support/random-data.js';
import { lineValue } from './support/random-values.js';
import { startWith, type Started } from './support/started-values.js';

/** Each start of PHP tries one line of each setting. */
const STARTS = Number(process.env['STARTS'] ?? 20);
const AT_ONCE = 4;
const seed = process.env['SEED'] ?? randomBytes(6).toString('hex');

/** session.save_path is left out: PHP would begin sessions there. */
const SETTINGS = PHP_SETTINGS.filter(({ name, since }) => name !== 'session.save_path' && !since);
const NAMES = SETTINGS.map(({ name }) => name);
/** The types whose meaning PHP shows besides the text. */
const SHOWN = ['flag', 'quantity', 'digits', 'name', 'path', 'domain'];

/** Returns the value of a setting here, or `undefined` where the reader refuses it. */
function readHere(source: string | object, name: string): { value: unknown } | undefined {
  try {
    const { value } = readPhpIni(source).settings[name as 'session.name'] as { value: unknown };
    return { value: value instanceof Map ? [...value] : value };
  } catch (error) {
    if (error instanceof SessionConfigError) return undefined;
    throw error;
  }
}

/** Returns how PHP differs from a value that the reader accepts, if it does. */
function difference(name: string, type: string, ours: unknown, php: Started): string | undefined {
  if (!php.set) return 'PHP did not read the line';
  if (php.said.length) return `PHP says: ${php.said.join('; ')}`;
  const theirs = readHere({ [name]: php.text }, name)?.value;
  if (JSON.stringify(theirs) !== JSON.stringify(ours)) return `PHP has the text ${JSON.stringify(php.text)}`;
  if (SHOWN.includes(type) && php.meaning !== ours) return `PHP means ${JSON.stringify(php.meaning)}`;
  return undefined;
}

describe.skipIf(!live)(`${STARTS} random lines of php.ini for each setting (SEED=${seed})`, () => {
  it(
    'mean what they mean for a PHP that starts with them, or are refused',
    { timeout: 3_600_000 },
    async () => {
      const dice = new Dice(seed);
      const differences: unknown[] = [];
      let accepted = 0;
      for (let done = 0; done < STARTS; done += AT_ONCE) {
        const rounds = Array.from({ length: Math.min(AT_ONCE, STARTS - done) }, () =>
          SETTINGS.map(({ type }) => lineValue(dice, type)),
        );
        const started = await Promise.all(rounds.map((values) => startWith(NAMES, values)));
        for (const [round, values] of rounds.entries())
          for (const [i, { name, type }] of SETTINGS.entries()) {
            const ours = readHere(`${name} = ${values[i]!}\nend = 1\n`, name);
            if (!ours) continue;
            accepted++;
            const how = difference(name, type, ours.value, started[round]![i]!);
            if (how) differences.push({ line: `${name} = ${values[i]!}`, ours: ours.value, how });
          }
      }
      console.log(`test/php: of ${STARTS * NAMES.length} lines ${accepted} are accepted`);
      expect(accepted).toBeGreaterThan(STARTS * 5);
      expect(differences.slice(0, 30)).toEqual([]);
    },
  );
});
