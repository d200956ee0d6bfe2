import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SessionConfigError } from 'nestjs-session-crypto';
import { PHP_SETTINGS, readPhpIni } from 'nestjs-session-crypto/php';
import { setValues } from './support/ini-set.js';
import { live } from './support/live.js';
import { Dice } from './support/random-data.js';

const COUNT = Number(process.env['VALUES'] ?? 100);
const seed = process.env['SEED'] ?? randomBytes(6).toString('hex');

// prettier-ignore
const PIECES = [
  'on', 'Off', 'yes', 'no', 'none', 'None', 'true', 'FALSE', 'null', '', ' ', '  ', '\t', '\n', '\v', '+', '-', '0', '1', '5', '22', '32', '48', '256', '257', '1440', '180', '0x1F', '0b11', '0o17', '017', '1e3', '1.5', '.5', 'K', 'k', 'M', 'G', 'g',
  '2147483647', '2147483648', '9223372036854775807', '9223372036854775808', '%', 'a', 'Z', 'PHPSESSID', '__Host-', '__Secure-', '.', '_', '=', ',', ';', '/', '/app', '//', 'example.com', 'shop.example', '.example.com', ':80', 'ü', '漢', '\x7f', '\x01', '"', "'", '\\', '(', ')', '{', '[', '&', '&amp;',
  'Strict', 'lax', 'nocache', 'private', 'private_no_expire', 'public', 'files', 'user', 'redis', 'php', 'php_serialize', 'php_binary', 'wddx', 'a=href', 'form=', 'area=', 'http://example.com', '/tmp', '5;', '0600;', '2;0640;/tmp', 'N;MODE;',
] as const;

/** Returns a text of up to three pieces. One piece alone is what most settings take. */
const textOf = (dice: Dice): string =>
  Array.from({ length: 1 + (dice.below(2) && dice.below(3)) }, () => PIECES[dice.below(PIECES.length)]!).join(
    '',
  );

/** Returns the value of a setting here, or `undefined` where the reader refuses it. */
function readHere(name: string, value: string): unknown {
  try {
    return { value: readPhpIni({ [name]: value }).settings[name as 'session.name'].value as unknown };
  } catch (error) {
    if (error instanceof SessionConfigError) return undefined;
    throw error;
  }
}

describe.skipIf(!live)(`${COUNT} random values of each setting (SEED=${seed})`, () => {
  it(
    'mean what they mean in PHP, or are refused, and none is taken that PHP refuses',
    { timeout: 3_600_000 },
    async () => {
      const dice = new Dice(seed);
      const table: unknown[] = [];
      const differences: unknown[] = [];
      for (const { name, type } of PHP_SETTINGS) {
        const values = Array.from({ length: COUNT }, () => textOf(dice));
        const php = await setValues(name, type, values);
        if (!php) continue;
        const here = values.map((value) => readHere(name, value));
        const row = { name, accepted: 0, refusedByPhp: 0, stricter: 0, differences: 0 };
        values.forEach((value, i) => {
          const [ours, theirs] = [here[i] as { value: unknown } | undefined, php[i]!];
          if (theirs === null) row.refusedByPhp++;
          if (!ours) return void (theirs !== null && row.stricter++);
          row.accepted++;
          if (ours.value === 'redis') return; // of an extension that this PHP does not have
          if (theirs !== null && (theirs.meaning === undefined || theirs.meaning === ours.value)) return;
          row.differences++;
          differences.push({ name, value, ours: ours.value, theirs });
        });
        table.push(row);
      }
      if (process.env['VALUES']) console.table(table);
      expect(differences.slice(0, 40)).toEqual([]);
      expect(table.length).toBeGreaterThan(20);
    },
  );
});
