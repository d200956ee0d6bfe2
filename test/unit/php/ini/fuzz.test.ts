import fc from '../../../support/property.js';
import { describe, expect, it } from 'vitest';
import { SessionConfigError } from '../../../../lib/errors/session-config.error.js';
import { PHP_SETTINGS } from '../../../../lib/php/ini/settings-table.js';
import { PHP_VERSIONS } from '../../../../lib/php/ini/php-version.js';
import { readPhpIni } from '../../../../lib/php/ini/read-php-ini.js';
import { REMOVED_SETTINGS } from '../../../../lib/php/ini/removed-settings.js';

const NAMES = [...PHP_SETTINGS, ...REMOVED_SETTINGS].map(({ name }) => name as string);
const OTHERS = [
  'session.__proto__',
  'session.x',
  '__proto__',
  'constructor',
  'a',
  'a[]',
  '# session.name',
  'session.name[x]',
];
// prettier-ignore
const PIECES = [
  'On', 'none', '0', '-1', '1K', '26', '5', '99999999999999999999', '"', "'", '"a b"', "'c'", '${a}', '${', '}', '$', '\\', '\\"',
  ';', '=', '|', '(', '[', ']', '[Session]', '[HOST=x]', '\n', '\r\n', ' ', '\t', 'E_ALL', 'a=href,', '5;0600;/p', '\0', '%', 'Lax', 'files', '{',
];
const value = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...PIECES) },
      fc.string({ maxLength: 8, unit: 'binary' }),
    ),
    {
      maxLength: 4,
    },
  )
  .map((pieces) => pieces.join(''));
const line = fc
  .tuple(fc.constantFrom(...NAMES, ...OTHERS), fc.constantFrom(' = ', '=', ' '), value)
  .map((parts) => parts.join(''));
const text = fc.oneof(
  { weight: 4, arbitrary: fc.array(line, { maxLength: 20 }).map((lines) => lines.join('\n')) },
  { weight: 1, arbitrary: value },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
);
const options = fc.record(
  { version: fc.constantFrom(...PHP_VERSIONS), env: fc.constant({ a: '1', b: undefined }) },
  { requiredKeys: [] },
);

/** Returns the settings, or the faults of a SessionConfigError. */
function read(source: string | object, given: Parameters<typeof readPhpIni>[1]) {
  try {
    return { ini: readPhpIni(source, given), faults: [] };
  } catch (error) {
    if (error instanceof SessionConfigError) return { faults: error.faults };
    throw error;
  }
}

describe('any text', () => {
  it('is complete settings, or a SessionConfigError whose faults name lines of it', () => {
    let read1 = 0;
    fc.assert(
      fc.property(text, options, (source, given) => {
        const { ini, faults } = read(source, given);
        if (ini) expect(Object.keys(ini.settings)).toEqual(PHP_SETTINGS.map(({ name }) => name));
        if (ini) read1++;
        const last = source.split(/\r\n|\r|\n/).length;
        for (const { path } of faults) {
          if (path === 'php.ini') continue;
          const number = Number(/^php\.ini line (\d+)$/.exec(path)?.[1]);
          expect(number).toBeGreaterThanOrEqual(1);
          expect(number).toBeLessThanOrEqual(last);
        }
      }),
      { numRuns: 4000, seed: 7 },
    );
    expect(read1).toBeGreaterThan(100);
  });

  it('of valid lines has the last value of each name', () => {
    const sound = fc.array(
      fc.tuple(fc.constantFrom('A', 'B', 'C'), fc.constantFrom('session.name', 'arg_separator.output')),
      {
        maxLength: 9,
      },
    );
    fc.assert(
      fc.property(sound, (lines) => {
        const { ini } = read(lines.map(([one, name]) => `${name} = ${one}`).join('\n'), {});
        for (const name of ['session.name', 'arg_separator.output'] as const) {
          const at = lines.findLastIndex((one) => one[1] === name);
          const expected =
            at < 0 ? { given: false } : { value: lines[at]![0], given: true, at: `php.ini line ${at + 1}` };
          expect(ini!.settings[name]).toMatchObject(expected);
        }
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});

describe('any object', () => {
  it('is settings or a SessionConfigError, as is its JSON', () => {
    const name = fc.constantFrom(...NAMES, ...OTHERS);
    const object = fc.dictionary(
      name,
      fc.oneof(fc.constantFrom(...PIECES), value, fc.jsonValue({ maxDepth: 2 })),
    );
    fc.assert(
      fc.property(object, options, (source, given) => {
        expect(read(JSON.stringify(source), given).faults).toEqual(
          read(JSON.parse(JSON.stringify(source)) as object, given).faults,
        );
      }),
      { numRuns: 2000, seed: 7 },
    );
  });
});

describe('a long text', () => {
  // A megabyte takes far less than a second. With quadratic time it would take hours.
  it.each([
    ['blanks', ' '.repeat(8000)],
    ['blanks in a name', `session.name${' '.repeat(8000)}x\n`],
    ['one name', 'x'],
    ['names', 'x\n'],
    ['unknown settings', 'session.nme = x\n'],
    ['open double quotes', 'a="'],
    ['escaped quotes', 'a="\\"'],
    ['closed quotes', 'a="b" \'c\'\n'],
    ['open sections', '['],
    ['sections', '[a]'],
    ['open variables', 'a=${'],
    ['variables that grow', 'a=${a}${a}x\n'],
    ['dollars', 'a=$$'],
    ['operators', 'a=1'.padEnd(4000, '|(')],
    ['digits', `session.gc_maxlifetime = ${'1'.repeat(8000)}x\n`],
    ['a number in many digits', `session.cookie_lifetime = ${'0'.repeat(8000)}\n`],
    ['tags', `session.trans_sid_tags = "${'a=b,'.repeat(2000)}"\n`],
    ['backslashes', `a="${'\\'.repeat(8000)}"\n`],
    ['carriage returns', '\r'],
    ['equal signs', 'a=b=c\n'],
    ['names without a value', `session.${'x'.repeat(8000)}\n`],
  ])('of %s is read to its end', (_, piece) => {
    const long = piece.repeat(Math.ceil(1_000_000 / piece.length));
    expect(read(long, { env: { a: 'b' } }).faults).toBeInstanceOf(Array);
  });

  it.each(['x', '"', "'", '\\', ' ', '$a', '0', 'a,', 'a=b,', '1;'])(
    'as one value of %j is read to its end',
    (piece) => {
      for (const { name } of PHP_SETTINGS) {
        const value = piece.repeat(100_000);
        expect(read(`${name} = '${value}'\n`, {}).faults).toBeInstanceOf(Array);
        expect(read({ [name]: value }, {}).faults).toBeInstanceOf(Array);
      }
    },
  );

  it('of many different unknown names is read to its end', () => {
    const long = Array.from({ length: 50_000 }, (_, i) => `session.nme${i} = x`).join('\n');
    expect(read(long, {}).faults).toHaveLength(50_000);
  });

  it('may be deep', () => {
    expect(read('['.repeat(1_000_000), {}).faults).toHaveLength(1);
    expect(read(`{"session.name":${'['.repeat(1_000_000)}`, {}).faults).toHaveLength(1);
    expect(read(`{"session.name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, {}).faults).toHaveLength(1);
  });
});
