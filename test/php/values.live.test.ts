import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SessionConfigError } from 'nestjs-session-crypto';
import { PHP_SETTINGS, readPhpIni } from 'nestjs-session-crypto/php';
import { setValues } from './support/ini-set.js';
import { live } from './support/live.js';
import { Dice } from './support/random-data.js';
import { textOf } from './support/random-values.js';

const COUNT = Number(process.env['VALUES'] ?? 100);
const seed = process.env['SEED'] ?? randomBytes(6).toString('hex');

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
