import type { Dice } from './random-sessions.js';
import type { DirectiveModel } from '../../../lib/apache/directives/model.interface.js';
import type { HtaccessServer, Seen } from './htaccess.js';
import { basicHeader, ALICE } from './accounts.js';
import { ApacheEnvelope } from '../../../lib/apache/index.js';

/** One place in a server: a folder that holds the `.htaccess` file under test. */
export interface Bench {
  readonly server: HtaccessServer;
  readonly folder: number;
  readonly dice: Dice;
}

/** How one directive of `.htaccess` is tried. */
export interface Probe {
  readonly name: string;
  readonly samples: readonly string[];
  /** The lines in front of the directive. */
  readonly before?: string;
  /** What the reader understood, as text. Absent if only acceptance is compared. */
  readonly ours?: (model: DirectiveModel) => unknown;
  /** What httpd does, in the same words. `ours` helps to choose the request. */
  readonly theirs?: (bench: Bench, ours: unknown, first: Seen) => Promise<unknown> | unknown;
}

const COOKIE = 'SessionCookieName session path=/\n';
const LIVE = `Session On\n${COOKIE}SessionMaxAge 60\n`;
const SECRET = 'a passphrase of these tests';

const FLAGS = [
  'On',
  'off',
  'ON',
  'oFF',
  '"On"',
  "'off'",
  'yes',
  '1',
  '0',
  'true',
  'On off',
  'on#',
  'Of',
  'On # remark',
  '',
];
const SECONDS = [
  '0',
  '60',
  '1800',
  '86400',
  '-1',
  '+5',
  '007',
  '30m',
  'ten',
  '3600 # hour',
  '1.5',
  '1e3',
  '0x10',
  '2147483647',
  '2147483648',
  '99999999999999999999',
  '"60"',
  "'5'",
  '5 6',
  ' 7 ',
  '',
];
const WORDS = [
  'word',
  '"two words"',
  "'it'",
  'a b',
  '"a" b',
  'a"b',
  '"open',
  "it's",
  'back\\slash',
  '"in \\" side"',
  'x\\\\y',
  '#word',
  '${WORD}',
  '"${WORD}"',
  '""',
  '',
];
const COOKIES = [
  'session',
  'session path=/',
  'sid path=/;HttpOnly',
  'a.b_c-d path=/app;Secure;HttpOnly;SameSite=Lax',
  'session path=/;domain=example.com',
  's Max-Age=60',
  '"quoted" path=/',
  'a=b',
  'a&b',
  'a;b',
  'a,b',
  'session   path=/',
  'session\tpath=/',
  'session expires=Wed, 21 Oct 2037 07:28:00 GMT',
  'session Path=/;httponly;version=1',
  'session path=/ # remark',
  '',
];
const HEADERS = ['X-Replace-Session', 'x-a', '"X-B"', 'X:Y', 'X Y', 'X_Y', 'Set-Session', 'X-\u00e9', ''];
const PASSPHRASES = [
  'secret',
  '"two words"',
  'one two three',
  '"a" \'b\' c',
  '"with \\" quote"',
  'back\\slash',
  '"back\\\\slash"',
  'p\u00e4ss',
  '"" second',
  'first "" third',
  '""',
  'exec:',
  'file:x',
  'raw:abc',
  '#key',
  '${WORD}',
  '"${WORD}"',
  '${NONE}',
  '"open',
  '',
];
const CIPHERS = [
  'aes256',
  'aes128',
  'aes192',
  '3des192',
  'AES256',
  'aes-256',
  'aes512',
  '"aes128"',
  'aes256 cbc',
  'des',
  '',
];
const PREFIXES = [
  '/F/a',
  '/F/app/x',
  '"/F/b c"',
  'F/a',
  '/F/%41',
  '/F/a/',
  '/F//a',
  '/F/\u00e9',
  '/',
  '',
  '/F/a b',
];
const NAMES = [
  '"my realm"',
  'realm',
  '"say \\"hi\\""',
  'back\\\\slash',
  'a\\nb',
  '"%{HTTP_HOST}"',
  '100%',
  '$1',
  'a$b',
  '"\\\\101bc"',
  '"\\\\%{x"',
  'x\\',
  '"tab\\\\t"',
  '%{x',
  '"a%%b"',
  '\\"q',
  '"\\\\$1"',
  '',
];
const LABELS = ['first', 'second', 'third', '"third"', 'FIRST', 'none', '"first"', 'first second', ''];
const LOCATIONS = ['/login', '"/a b"', 'http://example.com/', 'a b', '/x\\', '"/x\\\\"', '""', ''];

const maxAgeOf = ({ setCookie }: Seen) => Number(/;Max-Age=(-?\d+)/i.exec(setCookie ?? '')?.[1] ?? 0);
const utf8 = (text: string) => Buffer.from(text, 'latin1').toString('utf8');

/** A flag that only the acceptance of which is compared. */
const accepted = (name: string, samples: readonly string[], before = ''): Probe => ({
  name,
  samples,
  before,
});

/** What the cookie's line says: name and attributes. */
const cookieLine = (line: string | undefined) => {
  const [, name, attributes] = /^([^=]*)=[^;]*;Max-Age=60;?(.*)$/s.exec(utf8(line ?? '')) ?? [];
  return name === undefined ? 'no cookie' : `${name} ${attributes}`;
};
const cookieOf = (setting: DirectiveModel['server']['cookie']) =>
  setting && `${setting.name} ${setting.attributes.text}`;

/** A cookie that carries an expiry in this number of seconds, unsealed. */
const expiring = (seconds: number) => ({
  cookie: `session=expiry=${Math.round((Date.now() / 1000 + seconds) * 1e6)}`,
});

/** Reports whether a path of the folder has sessions. */
async function isIncluded({ server, folder }: Bench, prefix: string): Promise<boolean> {
  const path = Buffer.from(prefix, 'utf8').toString('latin1').slice(`/${folder}/`.length);
  const escaped = Array.from(path, (c) =>
    /[\w/.-]/.test(c) ? c : `%${c.charCodeAt(0).toString(16).padStart(2, '0')}`,
  ).join('');
  return (await server.ask(folder, { path: escaped })).setCookie !== undefined;
}

const placed = (name: 'SessionInclude' | 'SessionExclude', key: 'includes' | 'excludes'): Probe => ({
  name,
  samples: PREFIXES,
  before: LIVE,
  ours: ({ server }) => server[key][0]?.prefix,
  theirs: async (bench, ours) => {
    const prefix = ours as string;
    const base = `/${bench.folder}/`;
    // A path that httpd would normalise, or that lies outside of the folder, is not asked for.
    if (
      !prefix.startsWith(base) ||
      /\/\/|\/\.|[^ -~\x80-\uffff]|%/.test(prefix) ||
      prefix.length === base.length
    )
      return ours;
    const inside = await isIncluded(bench, `${prefix}x`);
    const outside = await isIncluded(bench, `${base}~${prefix.slice(base.length)}`);
    const wanted = name === 'SessionInclude';
    return inside === wanted && outside === !wanted ? ours : `inside ${inside}, outside ${outside}`;
  },
});

const interval = async ({ server, folder }: Bench, ours: unknown) => {
  if (ours === 0)
    return (await server.ask(folder, { headers: expiring(2_000_000_000 - 5) })).setCookie ? 0 : 'skips';
  const seconds = ours as number;
  if (seconds > 1_999_000_000) return ours;
  const skipped = await server.ask(folder, { headers: expiring(2_000_000_000 - seconds + 3) });
  const written = await server.ask(folder, { headers: expiring(2_000_000_000 - seconds - 3) });
  const skips = skipped.setCookie === undefined || seconds <= 3;
  return skips && written.setCookie !== undefined
    ? ours
    : `skips ${skips}, writes ${written.setCookie !== undefined}`;
};

/** Opens what httpd has sealed. */
async function opens(cipher: string, secret: string | Buffer, { setCookie }: Seen): Promise<boolean> {
  const sealed = /^session=([^;]*)/.exec(setCookie ?? '')?.[1];
  if (!sealed) return false;
  const opened = await new ApacheEnvelope({
    cipher: cipher as 'aes128',
    secrets: [Buffer.from(secret)],
  }).open(sealed);
  return opened?.plaintext.toString().startsWith('expiry=') ?? false;
}

const AUTH = `AuthUserFile users\nAuthBasicProvider file\nRequire valid-user\n`;
const realmIn = ({ header }: Seen) =>
  /^Basic realm="(.*)"$/s.exec(utf8(header('www-authenticate') ?? ''))?.[1];
/** httpd's ap_escape_quotes. */
const escapeQuotes = (text: string) => text.replace(/\\[^]|"/g, (piece) => (piece === '"' ? '\\"' : piece));

const DBD = 'Session On\nSessionMaxAge 60\n';

/** The directives of `.htaccess`, with what can be seen of each. */
export const PROBES: readonly Probe[] = [
  { name: 'Session', samples: FLAGS, before: `${COOKIE}SessionMaxAge 60\n`, ours: ({ server }) => server.enabled, theirs: (_, __, first) => first.setCookie !== undefined },
  { name: 'SessionMaxAge', samples: SECONDS, before: `Session On\n${COOKIE}`, ours: ({ server }) => server.maxAge, theirs: (_, __, first) => maxAgeOf(first) },
  { name: 'SessionExpiryUpdateInterval', samples: SECONDS, before: `Session On\n${COOKIE}SessionMaxAge 2000000000\n`, ours: ({ server }) => server.updateInterval, theirs: interval },
  {
    name: 'SessionHeader', samples: HEADERS, before: `Session On\n${COOKIE}`, ours: ({ server }) => server.header,
    theirs: async ({ server, folder }, ours) => {
      server.writeResponse(folder, `${(ours as string).toUpperCase()}: a=1\n\nx`);
      return (await server.ask(folder, { path: 'f.asis' })).setCookie?.startsWith('session=a=1;') ? ours : 'another header';
    },
  },
  {
    name: 'SessionEnv', samples: FLAGS, before: `Session On\n${COOKIE}`, ours: ({ server }) => server.env,
    theirs: async ({ server, folder }) => (await server.ask(folder, { headers: { cookie: 'session=a=1' } })).header('x-env') === 'a=1',
  },
  placed('SessionInclude', 'includes'),
  placed('SessionExclude', 'excludes'),
  { name: 'SessionCookieName', samples: COOKIES, before: `Session On\nSessionMaxAge 60\nSessionExclude /F/plain\n`, ours: ({ server }) => cookieOf(server.cookie), theirs: (_, __, first) => cookieLine(first.setCookie) },
  { name: 'SessionCookieName2', samples: COOKIES, before: `Session On\nSessionMaxAge 60\nSessionExclude /F/plain\n`, ours: ({ server }) => cookieOf(server.cookie2), theirs: (_, __, first) => cookieLine(first.header('set-cookie2')) },
  {
    name: 'SessionCookieRemove', samples: FLAGS, before: LIVE, ours: ({ server }) => server.cookieRemove,
    theirs: async ({ server, folder }) => !(await server.ask(folder, { headers: { cookie: 'a=b; session=a=1' } })).header('x-cookies')?.includes('session='),
  },
  accepted('SessionCookieMaxAge', FLAGS, LIVE),
  {
    name: 'SessionCryptoPassphrase', samples: PASSPHRASES, before: `${LIVE}SessionCryptoCipher aes128\n`,
    ours: ({ server: { passphrases: [first] } }) => first?.kind === 'passphrase' && first.text,
    theirs: async (_, ours, first) => ((await opens('aes128', ours as string, first)) ? ours : 'another passphrase'),
  },
  accepted('SessionCryptoPassphraseFile', WORDS, LIVE),
  accepted('SessionCryptoDriver', WORDS, LIVE),
  {
    name: 'SessionCryptoCipher', samples: CIPHERS, before: `${LIVE}SessionCryptoPassphrase "${SECRET}"\n`, ours: ({ server }) => server.cipher,
    theirs: async (_, ours, first) => ((await opens(ours as string, SECRET, first)) ? ours : 'another cipher'),
  },
  { name: 'SessionDBDCookieName', samples: COOKIES, before: `${DBD}SessionExclude /F/plain\n`, ours: ({ server }) => cookieOf(server.dbdCookie), theirs: (_, __, first) => cookieLine(first.setCookie) },
  { name: 'SessionDBDCookieName2', samples: COOKIES, before: `${DBD}SessionExclude /F/plain\n`, ours: ({ server }) => cookieOf(server.dbdCookie2), theirs: (_, __, first) => cookieLine(first.header('set-cookie2')) },
  {
    name: 'SessionDBDCookieRemove', samples: FLAGS, before: `Session On\nSessionDBDCookieName session path=/\n`, ours: ({ server }) => server.dbdCookieRemove,
    theirs: async ({ server, folder }) => !(await server.ask(folder, { headers: { cookie: 'a=b; session=someone' } })).header('x-cookies')?.includes('session='),
  },
  {
    name: 'SessionDBDPerUser', samples: FLAGS, before: `Session On\nSessionEnv On\nSessionDBDSelectLabel someone\nAuthType Basic\nAuthName x\n${AUTH}`, ours: ({ server }) => server.dbdPerUser,
    theirs: async ({ server, folder }) => (await server.ask(folder, { headers: { authorization: basicHeader(ALICE) } })).header('x-env') === 'a=alice',
  },
  {
    name: 'SessionDBDSelectLabel', samples: LABELS, before: `Session On\nSessionEnv On\nSessionDBDCookieName session path=/\n`,
    ours: ({ server: { selectLabel } }) => (['first', 'second', 'third'].includes(selectLabel) ? selectLabel : 'none of them'),
    theirs: async ({ server, folder }) => {
      const seen = (await server.ask(folder, { headers: { cookie: 'session=someone' } })).header('x-env');
      return seen ? new URLSearchParams(seen).get('a') ?? 'none of them' : 'none of them';
    },
  },
  ...['Insert', 'Update', 'Delete'].map((one) => accepted(`SessionDBD${one}Label`, LABELS)),
  { name: 'AuthName', samples: NAMES, before: `AuthType Basic\n${AUTH}`, ours: ({ server }) => escapeQuotes(server.authName ?? ''), theirs: (_, __, first) => realmIn(first) },
  {
    name: 'AuthType', samples: ['Basic', 'Form', 'form', '"FORM"', 'BASIC', 'None', 'Digest', 'Form Basic', 'fo\\rm', 'F\\\\157rm', '%{x', ''], before: `AuthName x\nAuthFormProvider file\n${AUTH}`,
    ours: ({ server }) => server.authType?.toLowerCase() === 'form',
    theirs: (_, __, { status, header }) => status === 401 && header('www-authenticate') === undefined,
  },
  accepted('AuthFormSitePassphrase', WORDS),
  ...['Authoritative', 'DisableNoStore', 'FakeBasicAuth'].map((one) => accepted(`AuthForm${one}`, FLAGS)),
  ...['Body', 'Location', 'Method', 'Mimetype', 'Password', 'Username'].map((one) => accepted(`AuthForm${one}`, WORDS)),
  ...['LoginRequiredLocation', 'LoginSuccessLocation', 'LogoutLocation'].map((one) => accepted(`AuthForm${one}`, LOCATIONS)),
  accepted('AuthFormSize', SECONDS),
]; // prettier-ignore

/** A directive of the server's configuration. Only acceptance is compared. */
export interface ServerProbe extends Probe {
  /** Values that httpd takes. */
  readonly good: readonly string[];
}

const ofServer = (
  name: string,
  good: readonly string[],
  samples: readonly string[],
  before = '',
): ServerProbe => ({ name, good, samples, before });
const NUMBERS = ['0', '60', '86400', '"300"', '99999999999'];
const GOOD_WORDS = [
  'word',
  '"two words"',
  "'it is'",
  '"in \\" side"',
  'back\\slash',
  '#word',
  '"${WORD}"',
  '"SELECT 1 # remark"',
];
const INSIDE = '<Location /x>\n';

/** The directives that stand in the server's configuration alone. */
export const SERVER_PROBES: readonly ServerProbe[] = [
  ofServer('DBDParams', ['host=db', '"host=db user=u"', "'host=db password=x y'", '"host=${WORD}"'], ['host=db user=u', '"open', '""', '']),
  ofServer('DBDPrepareSQL', ['"SELECT 1" label', 'label', '"" label', '"DELETE FROM s WHERE key = %s" "my label"', "'select' 'b c'"], ['"SELECT 1" label more', 'SELECT 1', '""', '"a" ""', '']),
  ofServer('DBDInitSQL', GOOD_WORDS, WORDS),
  ...['Exptime', 'Keep', 'Max', 'Min'].map((one) => ofServer(`DBD${one}`, NUMBERS, SECONDS)),
  ofServer('DBDPersist', ['On', 'off', '"on"', 'On 1', 'off # remark'].map((text) => text.toUpperCase()), FLAGS),
  ofServer('SessionCryptoDriver', ['openssl', 'openssl engine=x', '"openssl"', 'nss "dir=a b"', 'nss noinit'], ['"openssl', '']),
  ofServer('AuthFormProvider', ['FILE', '"FILE"', 'FILE FILE', 'FILE "" x'].map((text) => text.toLowerCase()), ['file', '"file', '"" file', '""', ''], INSIDE),
  ofServer('AuthFormSize', [...NUMBERS, '10k', '-0'], SECONDS, INSIDE),
  ofServer('SessionCryptoPassphraseFile', ['KEYS', '"THE KEYS"', "'IT\\'S KEYS'"], ['THE KEYS', 'no-such', '"KEYS', '/KEYS', '', '""'], INSIDE),
  ofServer('DBDriver', ['pgsql', '"pgsql"', "'pgsql'"], ['PGSQL', 'pgsql mysql', 'postgres', 'sqlite3', 'pg sql', '']),
]; // prettier-ignore
