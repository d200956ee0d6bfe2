import { describe, expect, it } from 'vitest';
import { configAt, faultsOf, findingsOf, placesOf, WHOLE } from './excerpts.js';

describe('Use', () => {
  it('inserts the lines of its macro, with the values in the place of the parameters', () => {
    const text = `<Macro Timed $path $seconds>\n<Location $path>\nSessionMaxAge $seconds\n</Location>\n</Macro>\n${WHOLE}Use Timed /a 5\nuse TIMED "/b" 6`;
    expect(placesOf(text)).toEqual(['* /a', '* /b']);
    expect(configAt(text, '/b').maxAge).toBe(6);
  });

  it('takes the longer of two parameters that begin alike', () => {
    const text = `<Macro M $a $ab>\nSessionMaxAge $ab$a\n</Macro>\nUse M 1 2`;
    expect(configAt(text).maxAge).toBe(21);
  });

  it('inserts what the last macro of a name says, until UndefMacro', () => {
    const text = `<Macro M>\nSessionMaxAge 1\n</Macro>\n<Macro m>\nSessionMaxAge 2\n</Macro>\nUse M\n`;
    expect(configAt(text).maxAge).toBe(2);
    expect(faultsOf(`${text}UndefMacro M\nUse M`)).toEqual([
      expect.stringMatching(/^9: Use "M" inserts a macro/),
    ]);
  });

  it('may use another macro, and define one', () => {
    const text = `<Macro Outer $n>\n<Macro Inner>\nSessionMaxAge $n\n</Macro>\nUse Inner\n</Macro>\nUse Outer 7`;
    expect(configAt(text).maxAge).toBe(7);
  });

  it('does nothing where a condition does not hold', () => {
    expect(faultsOf('<IfDefine NO>\n<Macro M>\nSessionMaxAge 1\n</Macro>\nUse M\n</IfDefine>')).toEqual([]);
  });

  it('of a macro that the text does not define is a fault', () => {
    expect(faultsOf(`${WHOLE}Use VHost a.example`)).toEqual([
      expect.stringMatching(
        /^4: Use "VHost" inserts a macro that this text does not define; add its <Macro>/,
      ),
    ]);
  });

  it('with other values than the macro has parameters is a fault', () => {
    expect(faultsOf('<Macro M $a>\n</Macro>\nUse M')).toEqual([
      '3: Use "M" has 0 values, but the macro of line 1 has 1 parameters',
    ]);
  });

  it('names its line in the faults of the lines that it inserts', () => {
    expect(faultsOf('<Macro M>\n\nSessionMaxAge ten\n</Macro>\nUse M')).toEqual([
      expect.stringMatching(/^5: SessionMaxAge is "ten"/),
    ]);
  });

  it('that never ends is a fault', () => {
    expect(faultsOf('<Macro M>\nUse M\n</Macro>\nUse M')).toEqual([
      expect.stringMatching(/^4: inserts lines that insert lines/),
    ]);
    const doubling = Array.from(
      { length: 15 },
      (_, i) => `<Macro M${i}>\n${`Use M${i + 1}\n`.repeat(9)}</Macro>\n`,
    ).join('');
    expect(faultsOf(`${doubling}<Macro M15>\n</Macro>\nUse M0`)).toEqual([
      expect.stringMatching(/inserts more than 100000 lines/),
    ]);
  });
});

it.each(['<Macro>\n</Macro>', '<Macro M>', '<Macro M>\n<Macro N>\n</Macro>'])('%j is a fault', (text) => {
  expect(faultsOf(text)).toEqual([expect.stringMatching(/^1: <Macro> (has no name|is not closed)/)]);
});

describe('Include', () => {
  it.each(['Include conf.d/*.conf', 'IncludeOptional x'])('%s is a fault that names the option', (line) => {
    expect(faultsOf(line)).toEqual([
      expect.stringMatching(/^1: Include.* is not followed.* option include: \(path\) =>/),
    ]);
    expect(faultsOf(line, { include: () => undefined })).toHaveLength(1);
  });

  it('is left out on request', () => {
    expect(faultsOf('Include a', { include: () => false })).toEqual([]);
  });

  it('is read on request, from ServerRoot on', () => {
    const paths: string[] = [];
    const include = (path: string) => {
      paths.push(path);
      return 'SessionMaxAge 5\nSessionMaxAge 6\n';
    };
    const text = 'Include a.conf\nServerRoot /etc/httpd\nInclude a.conf\nInclude "/b c"';
    expect(configAt(text, undefined, undefined, { include }).maxAge).toBe(6);
    expect(paths).toEqual(['a.conf', '/etc/httpd/a.conf', '/b c']);
    paths.length = 0;
    findingsOf('Include a.conf', { include, serverRoot: '/srv' });
    expect(paths).toEqual(['/srv/a.conf']);
  });

  it('may open a section and leave it to the text to close it, as no other file can', () => {
    expect(
      placesOf(`${WHOLE}Include a\n</Location>`, { include: () => '<Location /a>\nSession Off' }),
    ).toEqual(['* /a']);
  });

  it('names its line in the faults of the file', () => {
    expect(faultsOf('\nInclude a', { include: () => '\n\nSessionMaxAge ten' })).toEqual([
      expect.stringMatching(/^2: SessionMaxAge is "ten"/),
    ]);
  });

  it('of a file that includes itself is a fault', () => {
    expect(faultsOf('Include a', { include: () => 'Include a' })).toEqual([
      expect.stringMatching(/^1: inserts lines that insert lines, more than 16 levels deep/),
    ]);
  });
});
