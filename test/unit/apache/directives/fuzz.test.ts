import fc from '../../../support/property.js';
import { describe, expect, it } from 'vitest';
import { SessionConfigError } from '../../../../lib/errors/session-config.error.js';
import { DIRECTIVES } from '../../../../lib/apache/directives/directive-table.js';
import { readDirectives } from '../../../../lib/apache/directives/read-directives.js';

const SECTIONS = [
  'VirtualHost *',
  'Location /a',
  'Location /a/b',
  'Directory /srv',
  'Files x',
  'If x',
  'IfDefine A',
  'IfModule x.c',
];
const OTHERS = [
  'Define',
  'UnDefine',
  'ServerName',
  'DocumentRoot',
  'Alias',
  'Include',
  'ServerRoot',
  '__proto__',
  'constructor',
];
const WORDS = [
  'On',
  'Off',
  '0',
  '-1',
  '/a',
  '/srv/x',
  '""',
  '"a b"',
  "'c",
  '${A}',
  '${',
  'exec:/x',
  'a=b;c',
  '__proto__',
  '\\',
  '# x',
];

const word = fc.oneof(fc.constantFrom(...WORDS), fc.string({ maxLength: 12, unit: 'binary' }));
const name = fc.constantFrom(...DIRECTIVES.map((one) => one.name), ...OTHERS);
const directive = fc
  .tuple(name, fc.array(word, { maxLength: 4 }))
  .map(([one, words]) => [one, ...words].join(' '));
const head = fc.constantFrom(...SECTIONS, '__proto__ x', 'constructor');
const line = fc.oneof(
  { weight: 6, arbitrary: directive },
  { weight: 2, arbitrary: head.map((one) => `<${one}>`) },
  { weight: 2, arbitrary: head.map((one) => `</${one.split(' ')[0]}>`) },
  fc.string({ maxLength: 40, unit: 'binary' }),
);
const excerpt = fc
  .tuple(fc.array(line, { maxLength: 30 }), fc.constantFrom('\n', '\r\n', '\\\n'))
  .map(([lines, end]) => lines.join(end));
const options = fc.record(
  {
    context: fc.constantFrom('server' as const, 'htaccess' as const),
    rules: fc.constantFrom('2.4' as const, 'trunk' as const),
    serverRoot: fc.constant('/etc/httpd'),
    defines: fc.constant({ A: 'x' }),
  },
  { requiredKeys: [] },
);

/** Reads a text and returns the model, or the faults of a SessionConfigError; any other error is thrown. */
function read(text: string, given: Parameters<typeof readDirectives>[1]) {
  try {
    return readDirectives(text, given);
  } catch (error) {
    if (error instanceof SessionConfigError) return error.faults;
    throw error;
  }
}

describe('any text', () => {
  it('is a model, or a SessionConfigError whose faults name lines of it', () => {
    fc.assert(
      fc.property(excerpt, options, (text, given) => {
        const result = read(text, given);
        if (!Array.isArray(result)) return;
        const last = text.split('\n').length;
        for (const { path } of result as { path: string }[]) {
          const number = Number(/^directives line (\d+)$/.exec(path)?.[1]);
          expect(number).toBeGreaterThanOrEqual(1);
          expect(number).toBeLessThanOrEqual(last);
        }
      }),
      { numRuns: 3000, seed: 7 },
    );
  });

  it('gives complete settings at every place', () => {
    const setting = fc.constantFrom(
      'SessionMaxAge 5',
      'SessionEnv On',
      'SessionCryptoCipher aes128',
      'SessionInclude /x',
      'AuthName x',
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('/a', '/a/b', '/b', '/'), setting), { maxLength: 8 }),
        (sections) => {
          const text = sections.map(([path, one]) => `<Location ${path}>\n${one}\n</Location>`).join('\n');
          const { server, contexts } = readDirectives(text);
          for (const { config } of contexts) expect(Object.keys(config)).toEqual(Object.keys(server));
          const paths = contexts.map((one) => one.path!);
          expect(new Set(paths).size).toBe(paths.length);
        },
      ),
      { numRuns: 300, seed: 7 },
    );
  });
});

describe('a long text', () => {
  // A megabyte takes about a hundredth of a second; quadratic work would take hours.
  it.each([
    ['continued lines', 'a\\\n'],
    ['words', 'SessionCryptoPassphrase ' + 'a '.repeat(4000) + '\n'],
    ['open quotes', `SessionCryptoPassphrase ${'"\\'.repeat(4000)}\n`],
    ['blanks', `SessionCookieName a b${' '.repeat(8000)}=c\n`],
    ['open variables', `Listen ${'${'.repeat(4000)}\n`],
    ['open sections', '<Location /a>\n'],
    ['closed sections', '</Location>\n'],
    ['one long line', 'x'.repeat(8000)],
    ['patterns that try all ways', `<IfVersion ~ ${'(.*)'.repeat(9)}x>\n</IfVersion>\n`],
    ['patterns', `<IfVersion ~ ${'(.*)'.repeat(2000)}x>\n</IfVersion>\n`],
    ['equal signs', `SessionCryptoDriver a ${'="'.repeat(4000)}\n`],
  ])('of %s is read to its end', (_, piece) => {
    const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
    expect(read(text, {})).toBeInstanceOf(Object);
  });
});
