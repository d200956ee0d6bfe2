import { describe, expect, it } from 'vitest';
import { configAt, faultsOf, WHOLE } from './excerpts.js';

const at = (line: number, message: string) => [
  expect.stringMatching(new RegExp(`^${line}: ${message}`)) as string,
];
const inside = (line: string) => `<Location /a>\n${line}\n</Location>`;

describe('a value that httpd refuses, of a directive that makes no setting, is a fault', () => {
  it.each([
    ['DBDParams host=db user=web', 'DBDParams has 2 words; allowed is one word'],
    ['DBDParams', 'DBDParams has no value'],
    [
      'DBDriver postgres',
      'DBDriver is "postgres"; allowed are pgsql, odbc, .*; is "pgsql" meant\\?|DBDriver is "postgres"; allowed are pgsql',
    ],
    ['DBDriver PgSQL', 'DBDriver is "PgSQL"; allowed are .*; is "pgsql" meant\\?'],
    ['DBDMax ten', 'DBDMax is "ten"; allowed is a whole number'],
    ['DBDKeep -1', 'DBDKeep is "-1"; allowed is a whole number'],
    ['DBDPersist yes', 'DBDPersist is "yes"; allowed are On and Off'],
    ['DBDInitSQL SELECT 1', 'DBDInitSQL has 2 words'],
    ['DBDPrepareSQL "SELECT 1 label', 'DBDPrepareSQL has a quote that is not closed'],
  ])('%s', (line, message) => {
    expect(faultsOf(line)).toEqual(at(1, message));
    expect(faultsOf(`<VirtualHost *>\n${line}\n</VirtualHost>`)).toEqual(at(2, message));
  });

  it.each([
    ['AuthFormAuthoritative yes', 'AuthFormAuthoritative is "yes"; allowed are On and Off'],
    ['AuthFormDisableNoStore', 'AuthFormDisableNoStore has no value'],
    [
      'AuthFormUsername user=name',
      'AuthFormUsername is "user=name"; allowed is the name of a field, without = and &',
    ],
    ['AuthFormPassword', 'AuthFormPassword has no value'],
    ['AuthFormProvider', 'AuthFormProvider has no value'],
    [
      'AuthFormSize 10k',
      'AuthFormSize is "10k"; allowed is a whole number of bytes \\(httpd would read 10\\)',
    ],
    ['AuthFormLogoutLocation a b', 'AuthFormLogoutLocation has 2 words'],
    ['AuthFormLogoutLocation "/bye?%{"', 'AuthFormLogoutLocation is .* begins no variable'],
    ['AuthFormLogoutLocation "/%{tolower:a"', 'AuthFormLogoutLocation is .* write %\\{name:argument\\}'],
    ['AuthFormLogoutLocation "%{tolower:}"', 'AuthFormLogoutLocation is .* write %\\{name:argument\\}'],
    ['AuthFormLogoutLocation /bye\\9', 'AuthFormLogoutLocation is .* the escape .* is no byte'],
    ['AuthFormSitePassphrase two words', 'AuthFormSitePassphrase has 2 words'],
  ])('%s', (line, message) => {
    expect(faultsOf(inside(line))).toEqual(at(2, message));
  });

  it.each([
    'AuthFormProvider file dbd',
    'AuthFormLoginRequiredLocation "/login?from=%{REQUEST_URI}"',
    'AuthFormLogoutLocation "/%{escape:%{REQUEST_URI}}"',
    'AuthFormSize 8192',
  ])('but %s is none', (line) => {
    expect(faultsOf(inside(line))).toEqual([]);
  });
});

describe('the escapes of AuthName', () => {
  const nameOf = (written: string) => configAt(inside(`AuthName "${written}"`), '/a').authName;

  it.each([
    ['caf\\303\\251', 'caf\u00e9'],
    ['\\101bc', 'Abc'],
    ['\\7x', '\u0007x'],
  ])('%s are bytes', (written, name) => {
    expect(nameOf(written)).toBe(name);
  });

  it.each(['\\9', '\\19', '\\400', '\\0157'])('%s is no byte, and httpd does not start', (written) => {
    expect(faultsOf(inside(`AuthName "${written}"`))).toEqual(at(2, 'AuthName is .* is no byte'));
  });

  it.each(['\\351', 'a\\0b'])('%s is no text', (written) => {
    expect(faultsOf(inside(`AuthName "${written}"`))).toEqual(at(2, 'AuthName is .* no text in UTF-8'));
  });
});

it.each(['SessionCookieName', 'SessionDBDCookieName', 'SessionCookieName2'])(
  '%s with a control character in its attributes is a fault, because httpd answers by errors',
  (name) => {
    expect(faultsOf(`${name} session path=/\x01a`)).toEqual(at(1, `${name} has a control character`));
  },
);

describe('a label that PostgreSQL refuses in PREPARE', () => {
  const text = (label: string, more = '') =>
    `${WHOLE.replace('SessionCookieName', 'SessionDBDCookieName')}DBDriver pgsql
DBDPrepareSQL "SELECT v FROM s WHERE k = %s" selectsession
DBDPrepareSQL "INSERT INTO s VALUES (%s, %lld, %s)" insertsession
DBDPrepareSQL "UPDATE s SET v = %s, e = %lld, k = %s WHERE k = %s" updatesession
DBDPrepareSQL "DELETE FROM s WHERE k = %s" deletesession
DBDPrepareSQL "SELECT 1" ${label}
${more}`;

  it.each(['"my label"', 'a-b', '1st', 'user', 'SELECT'])(
    '%s is a fault, because no statement works then',
    (label) => {
      expect(faultsOf(text(label))).toEqual(at(9, 'DBDPrepareSQL has the label .* no name in SQL'));
    },
  );

  it('that differs from another one only in its case is a fault, too', () => {
    expect(faultsOf(text('SelectSession'))).toEqual(
      at(9, 'DBDPrepareSQL has the label "SelectSession", which PostgreSQL takes for that of line 5'),
    );
  });

  it.each(['cleansession', '_a1', 'delete', 'aufr\u00e4umen'])('%s is none', (label) => {
    expect(faultsOf(text(label))).toEqual([]);
  });
});

it('the attributes of a cookie begin with whatever is no blank in C, such as a no-break space', () => {
  expect(
    configAt(WHOLE.replace('session path=/;HttpOnly;Secure', 'session  \u00a0path=/')).cookie!.attributes
      .text,
  ).toBe('\u00a0path=/');
});
