import { describe, expect, it } from 'vitest';
import { readPhpIni } from '../../../../lib/php/ini/read-php-ini.js';
import { faultsOf, findingsOf, valueOf } from './excerpts.js';

/** A line with a setting that accepts any text, so that its value is the result of the scanner. */
const written = (value: string) => `session.referer_check = ${value}\n`;
const env = { PLACE: '/srv' };

describe('a value', () => {
  // The results of parse_ini_string of PHP 8.2.36 for the same texts.
  it.each([
    ['b', 'b'],
    ['b c  ; x', 'b c'],
    ['"b;c" ; d', 'b;c'],
    ["'b;c'", 'b;c'],
    ['"b" c', 'bc'],
    ['b "c" d', 'bcd'],
    ['x \'y\' "z" w', 'x yzw'],
    ["x ' y'", 'x  y'],
    ['" x "', ' x '],
    ['', ''],
    ['""', ''],
    ["''", ''],
    ['On', '1'],
    ['YES ;c', '1'],
    ['None', ''],
    ['NULL ', ''],
    ['"none"', 'none'],
    ['onx', 'onx'],
    ['on-x', 'on-x'],
    ['none,x', 'none,x'],
    ['b {c}', 'b {c}'],
    ['b$c', 'b$c'],
    ['"$b"', '$b'],
    ['"a\\"b"', 'a"b'],
    ['"a\\\\b"', 'a\\b'],
    ['"a\\$b"', 'a$b'],
    ['"a\\nb"', 'a\\nb'],
    ["'a\\nb'", 'a\\nb'],
    ['"C:\\php\\"', 'C:\\php\\'],
    ['a\\b', 'a\\b'],
    ['b # c', 'b # c'],
    ['"two\nlines"', 'two\nlines'],
    ['x\ty', 'x\ty'],
    ['E_ALL.x', 'E_ALL.x'],
    ['"E_ALL"', 'E_ALL'],
    ['"x${PLACE}y"', 'x/srvy'],
    ['${PLACE}/x', '/srv/x'],
    ['${ PLACE }', '/srv'],
    ["'${PLACE}'", '${PLACE}'],
    ['"\\${PLACE}"', '${PLACE}'],
    ['é', 'é'],
  ])('%j is %j', (value, text) => {
    expect(valueOf(written(value), 'session.referer_check', { env })).toBe(text);
  });

  // PHP stops at each of them with a syntax error, or loses a part without a message.
  it.each([
    ['"open', 'quote that is not closed'],
    ["it's", 'quote that is not closed'],
    ['on x', 'on beside other text'],
    ['x on', 'on beside other text'],
    ["'' x", "'' beside other text"],
    ["x '' y", "'' beside other text"],
    ['b=c', 'has = in a value without quotes, so PHP stops reading there'],
    ['${PLACE', 'has ${ without a name and }'],
    ['"${"', 'has ${ without a name and }'],
    ['${}', 'has ${ without a name and }'],
    ['x$;y', 'a $ that PHP joins'],
    ['1|2', 'is an expression'],
    ['~1', 'is an expression'],
    ['6 & 3', 'is an expression'],
    ['(3)', 'is an expression'],
    ['E_ALL', 'E_ALL, which PHP replaces by the value of its constant'],
    ['x PHP_OS', 'PHP_OS, which PHP replaces by the value of its constant'],
    ['a;b', 'ends at its semicolon'],
    [
      '${NOWHERE}',
      '"${NOWHERE}", which PHP takes for an empty text, because no earlier line and no entry of env defines it',
    ],
    ['"${constructor}"', '"${constructor}", which PHP takes for an empty text'],
  ])('%j is a fault', (value, why) => {
    expect(faultsOf(`\n${written(value)}`, { env })).toEqual([expect.stringContaining(why)]);
    expect(faultsOf(`\n${written(value)}`, { env })[0]).toMatch(/^2: /);
  });

  it.each([
    ['A', 'A'],
    ['A \t', 'A \t'],
    ['A ; x', 'A'],
    ['"A" ', 'A'],
    ['on ; x', '1'],
  ])('may stand on a last line that no newline ends: %j is %j', (value, text) => {
    expect(valueOf(`session.referer_check = ${value}`, 'session.referer_check')).toBe(text);
  });

  it('uses directives of earlier lines as variables before those of env', () => {
    const text = 'my.time = 15\nsession.gc_maxlifetime = ${my.time}00\n';
    expect(valueOf(text, 'session.gc_maxlifetime', { env: { 'my.time': '9' } })).toBe(1500);
  });

  it('may be an expression in a setting that is not about sessions', () => {
    expect(faultsOf('error_reporting = E_ALL & ~E_DEPRECATED\nmemory_limit = ${NOWHERE}\n')).toEqual([]);
  });

  // PHP 8.2.36 has a value for each of them, and reads on.
  it.each([
    '(1|2)',
    '1 2|3',
    '~1',
    '!!1',
    '~!1',
    '1 | ~2',
    '1|"2"',
    "'2'|1",
    '(${PLACE})',
    'R&D',
    '((1))',
    'a$ b',
    "'' x",
  ])('%s is readable in any directive', (value) => {
    expect(faultsOf(`x = ${value}\nsession.name = A`, { env })).toEqual([]);
  });

  // The lines after each of them have no effect in PHP 8.2.36.
  it.each([
    ['C:\\Program Files (x86)\\PHP\\ext', 'has ( where no expression can have it'],
    ['p)w', 'has ) where no'],
    ['wow!', 'has ! where no'],
    ['1~', 'has ~ where no'],
    ['"a"(b)', 'has ( where no'],
    ['${PLACE}(x)', 'has ( where no'],
    ['(1) (2)', 'has ( where no'],
    ['|1', 'has | where no'],
    ['1 || 2', 'has | where no'],
    ['1 && 2', 'has & where no'],
    ['()', 'has ) where no'],
    ['1)', 'has ) where no'],
    ['E_ALL & ~', 'ends in the middle of an expression'],
    ['1|', 'ends in the middle of an expression'],
    ['~', 'ends in the middle of an expression'],
    ['(1', 'ends in the middle of an expression'],
    ['(1;c)', 'ends in the middle of an expression'],
    ['(b) a', 'has text after a closed parenthesis'],
    ['(E_ALL)"x"', 'has text after a closed parenthesis'],
    ['1 & On', 'has On beside other text'],
    ['On | 1', 'has | where no|has On beside'],
    ['!Off', 'has Off beside other text'],
  ])('%s is a fault in any directive, because PHP stops reading there', (value, why) => {
    for (const name of ['x', 'extension_dir', 'session.name'])
      expect(faultsOf(`a = 1\n${name} = ${value}\nb = 2`, { env })).toEqual([
        expect.stringMatching(
          new RegExp(
            `^2: "${name}" (?:${why.replaceAll(/[()!~&]|\\|(?= where)/g, '\\$&')}).*PHP stops reading there.*put the value in double`,
          ),
        ),
      ]);
  });

  it('that PHP calculates is not known in the values of later lines', () => {
    for (const one of ['E_ALL', '1|2', '${NOWHERE}'])
      expect(faultsOf(`x = ${one}\ny = \${x}\nsession.gc_maxlifetime = \${y}`)).toEqual([
        expect.stringContaining('3: session.gc_maxlifetime has "${y}", whose value on an earlier line'),
      ]);
  });

  it('may have a text for a variable that is not defined, since PHP 8.3', () => {
    const text = written('"${NOWHERE:-/srv}/x"');
    expect(valueOf(text, 'session.referer_check', { version: '8.4' })).toBe('/srv/x');
    expect(faultsOf(text, { version: '8.2' })).toHaveLength(1);
  });

  it('from a variable is not shown', () => {
    const text = 'session.cookie_secure = "${KEY}"\nsession.name = ${KEY}\nsession.save_handler = ${KEY}\n';
    const faults = faultsOf(text, { env: { KEY: 'tell nobody' } });
    expect(faults).toHaveLength(3);
    expect(faults.join()).toContain('is "${KEY}"');
    expect(faults.join()).not.toContain('nobody');
  });
});

describe('lines', () => {
  it.each(['\n', '\r\n', '\r'])('end in %j and are counted', (end) => {
    const text = ['[Session]', '; a "comment', 'session.name = A', '', 'session.cookie_path = /x'].join(end);
    const { settings } = readPhpIni(text);
    expect(settings['session.name']).toEqual({ value: 'A', given: true, at: 'php.ini line 3' });
    expect(settings['session.cookie_path']).toEqual({ value: '/x', given: true, at: 'php.ini line 5' });
  });

  it('are counted in values of several lines', () => {
    expect(faultsOf('a = "\n\n\n"\nsession.nme = x')[0]).toMatch(/^5: /);
    expect(faultsOf("a = '\r\n\r\n'\nsession.nme = x")[0]).toMatch(/^4: /);
  });

  it('may begin with a byte order mark', () => {
    expect(valueOf('\uFEFFsession.name = A', 'session.name')).toBe('A');
  });

  it.each([
    '"a" = 1',
    'a! = 1',
    '= 1',
    'on = 1',
    '{x',
    ' [Session]',
    '[Session',
    '[a;b]',
    'a[b = 1',
    'a{b} = 2',
  ])('%j is a fault, because PHP stops reading there', (line) => {
    expect(faultsOf(`x = 1\n${line}\ny = 2\n`)).toEqual([
      expect.stringMatching(/^2: .*PHP stops reading there/s),
    ]);
  });

  it('after such a fault are read all the same, so that all faults come at once', () => {
    expect(faultsOf('a = b = c\nsession.nme = x\nb = c = d')).toEqual([
      expect.stringMatching(/^1: "a" has =/),
      expect.stringMatching(/^2: "session.nme" is unknown/),
      expect.stringMatching(/^3: "b" has =/),
    ]);
  });

  it('after a zero byte are not read', () => {
    expect(faultsOf('a = b\nb = \0\nsession.nme = x')).toEqual([
      expect.stringMatching(/^2: has a zero byte/),
    ]);
  });
});

describe('sections', () => {
  it.each(['[Session]', '[PHP]', '[]', '["S"]', '[Session] ; x', '[no such]'])(
    '%s change nothing',
    (head) => {
      expect(valueOf(`${head}\nsession.name = A`, 'session.name')).toBe('A');
    },
  );

  it('may have a directive on their line', () => {
    expect(valueOf('[Session] session.name = A', 'session.name')).toBe('A');
  });

  // PHP 8.2 ends such a section only at the end of the file: the head of an ordinary one does not end it.
  it.each(['[HOST=www.example.com]', '[PATH=/srv/www]', '[host=x]', '[PATHS]', '[HOST=]'])(
    '%s is no place for session settings, nor is anything after it',
    (head) => {
      const why = 'comes after the section .*to the end of the file.*move it above.*option contexts';
      expect(faultsOf(`${head}\nmemory_limit = 1\nsession.name = A\n[Session]\nsession.name = B`)).toEqual([
        expect.stringMatching(`^3: "session.name" ${why}`),
        expect.stringMatching(`^5: "session.name" ${why}`),
      ]);
      expect(valueOf(`session.name = A\n${head}\nmemory_limit = 1`, 'session.name')).toBe('A');
    },
  );

  it.each(['[HOST]', '[path]'])('%s without a name change nothing', (head) => {
    expect(valueOf(`${head}\nsession.name = A`, 'session.name')).toBe('A');
  });

  it('for a host define no variables for others', () => {
    const text = '[HOST=x]\nplace = /srv\n';
    expect(faultsOf(`a = 1\n${text}b = "\${place}"`)).toEqual([]);
    expect(valueOf(`session.name = "\${a}A"\n${text}`, 'session.name', { env: { a: 'B' } })).toBe('BA');
  });
});

describe('a line that looks like a setting', () => {
  it.each(['php_value[session.name] = A', 'php_admin_value["session.name"] = A', 'my session.name = A'])(
    '%s is a fault',
    (line) => {
      expect(faultsOf(line)).toEqual([
        expect.stringContaining('is no setting of php.ini, so PHP ignores it; write session.NAME = VALUE'),
      ]);
    },
  );

  it.each([
    'session.name',
    'php_value session.name A',
    'php_flag session.use_cookies off',
    'session.name\tx = A',
  ])('%s is a fault, because it has no value', (line) => {
    expect(faultsOf(line)).toEqual([expect.stringContaining('has no =')]);
  });

  it.each([
    '# session.name = A',
    '#session.name = A',
    '//session.name',
    'redis.session.locking_enabled = 1',
    'memory_limit',
  ])('%s is skipped', (line) => {
    expect(findingsOf(line)).toEqual([]);
    expect(valueOf(line, 'session.name')).toBe('PHPSESSID');
  });
});
