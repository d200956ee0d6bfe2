import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditRow, AuditVerdict, SessionCryptoOptions } from 'nestjs-session-crypto';
import { fromApacheDirectives } from 'nestjs-session-crypto/apache';
import { fromPhpIni } from 'nestjs-session-crypto/php';
import { DIRECTIVES } from '../../../lib/apache/directives/directive-table.js';
import { run } from '../../../lib/cli/run.js';
import { PHP_SETTINGS } from '../../../lib/php/ini/settings-table.js';
import { applyRemedy, type Setup } from './support/apply-remedy.js';
import { capture } from './support/site.js';

const KEY = 'raw:w4nQe0ZrmBfV7nKXo3m6yWQh1T9sJtUu2cPzLgAaXbE';
let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'session-crypto-manuals-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the command on a configuration file, which makes its options from the text that it gets here. */
async function doctor(make: () => unknown): Promise<AuditRow[]> {
  (globalThis as { optionsToJudge?: unknown }).optionsToJudge = make;
  const file = join(folder, 'config.mjs');
  writeFileSync(file, 'export const options = () => globalThis.optionsToJudge();');
  const { said, output } = capture();
  await run(['doctor', '--config', file, '--json'], output);
  expect(said.err).toBe('');
  return (JSON.parse(said.out) as { rows: AuditRow[] }).rows;
}

type Read = (text: string) => SessionCryptoOptions;
const fromPhp: Read = (text) =>
  fromPhpIni(text, { secrets: [KEY], version: text.includes('partitioned') ? '8.5' : '8.2' });
const fromHttpd: Read = (text) => fromApacheDirectives(text, { verify: () => true } as never);
const judge = (read: Read, { options, text }: Setup) => doctor(() => options ?? read(text!));

/** Returns the worst verdict of a rule, or `absent`. */
function verdictOf(rows: readonly AuditRow[], code: string): AuditVerdict | 'absent' {
  const order = ['broken', 'weak', 'choose', 'ok'] as const;
  return order.find((one) => rows.some((row) => row.code === code && row.verdict === one)) ?? 'absent';
}

interface Case {
  readonly setting: string;
  /** The rule that judges the setting. */
  readonly code: string;
  readonly good: string;
  readonly bad: string;
  readonly verdict: AuditVerdict;
}

const FOLDER = 'session.save_path = /srv/app-sessions';
const IDS = `${FOLDER}\nsession.use_only_cookies = Off`;

/** Each value that PHP's manual recommends, and one that it warns of. */
const PHP: readonly Case[] = (
  [
    ['session.name', 'telling-name', 'session.name = sid', 'session.name = PHPSESSID', 'weak'],
    [
      'session.name',
      'cookie-prefix',
      'session.name = __Host-sid\nsession.cookie_secure = On',
      'session.name = sid',
      'weak',
    ],
    [
      'session.cookie_lifetime',
      'kept-cookie',
      'session.cookie_lifetime = 0',
      'session.cookie_lifetime = 31536000',
      'weak',
    ],
    [
      'session.cookie_lifetime',
      'kept-cookie',
      'session.cookie_lifetime = 0',
      'session.cookie_lifetime = 3600',
      'choose',
    ],
    ['session.cookie_path', 'cookie-path', 'session.cookie_path = /', 'session.cookie_path = /app', 'choose'],
    [
      'session.cookie_domain',
      'wide-cookie',
      'session.cookie_domain =',
      'session.cookie_domain = example.com',
      'weak',
    ],
    [
      'session.cookie_secure',
      'plain-cookie',
      'session.cookie_secure = On',
      'session.cookie_secure = Off',
      'ok',
    ],
    [
      'session.cookie_httponly',
      'script-readable-cookie',
      'session.cookie_httponly = On',
      'session.cookie_httponly = Off',
      'broken',
    ],
    [
      'session.cookie_httponly',
      'script-readable-cookie',
      'session.cookie_httponly = 1',
      'session.cookie_httponly =',
      'ok',
    ],
    [
      'session.cookie_samesite',
      'cross-site-cookie',
      'session.cookie_samesite = Strict',
      'session.cookie_samesite = "None"\nsession.cookie_secure = On',
      'weak',
    ],
    [
      'session.cookie_samesite',
      'cross-site-cookie',
      'session.cookie_samesite = Lax',
      'session.cookie_samesite =',
      'ok',
    ],
    [
      'session.cookie_samesite',
      'config-fault',
      'session.cookie_samesite = Lax',
      'session.cookie_samesite = "None"\nsession.cookie_secure = Off',
      'broken',
    ],
    [
      'session.use_cookies',
      'id-sources',
      'session.use_cookies = On',
      `session.use_cookies = Off\n${IDS}`,
      'weak',
    ],
    [
      'session.use_cookies',
      'config-fault',
      'session.use_cookies = On',
      'session.use_cookies = Off',
      'broken',
    ],
    ['session.use_only_cookies', 'id-sources', `session.use_only_cookies = On\n${FOLDER}`, IDS, 'weak'],
    [
      'session.use_strict_mode',
      'strict-mode',
      'session.use_strict_mode = On',
      'session.use_strict_mode = Off',
      'ok',
    ],
    ['session.sid_length', 'config-fault', 'session.sid_length = 48', 'session.sid_length = 22', 'broken'],
    [
      'session.sid_bits_per_character',
      'config-fault',
      'session.sid_bits_per_character = 6',
      'session.sid_bits_per_character = 4\nsession.sid_length = 26',
      'broken',
    ],
    [
      'session.gc_maxlifetime',
      'no-idle-timeout',
      'session.gc_maxlifetime = 1440',
      'session.gc_maxlifetime = 86400',
      'weak',
    ],
    [
      'session.gc_maxlifetime',
      'no-idle-timeout',
      'session.gc_maxlifetime = 900',
      'session.gc_maxlifetime = 3600',
      'choose',
    ],
    [
      'session.gc_probability',
      'two-ways-to-prune',
      `session.gc_probability = 0\n${FOLDER}`,
      `session.gc_probability = 1\n${FOLDER}`,
      'choose',
    ],
    ['session.save_path', 'open-session-folder', FOLDER, 'session.save_path = /tmp', 'broken'],
    ['session.save_path', 'open-session-folder', FOLDER, 'session.save_path = "2;0600;/var/tmp"', 'broken'],
    [
      'session.cache_limiter',
      'cache-limiter',
      'session.cache_limiter = nocache',
      'session.cache_limiter = public',
      'weak',
    ],
    [
      'session.cache_limiter',
      'cache-limiter',
      'session.cache_limiter = nocache',
      'session.cache_limiter =',
      'weak',
    ],
    [
      'session.cache_limiter',
      'cache-limiter',
      'session.cache_limiter = nocache',
      'session.cache_limiter = private',
      'choose',
    ],
    [
      'session.use_trans_sid',
      'trans-sid',
      `session.use_trans_sid = Off\n${IDS}`,
      `session.use_trans_sid = On\n${IDS}`,
      'weak',
    ],
    [
      'session.trans_sid_hosts',
      'trans-sid',
      `session.use_trans_sid = Off\n${IDS}`,
      `session.trans_sid_hosts = "other.example"\nsession.use_trans_sid = On\n${IDS}`,
      'weak',
    ],
    [
      'session.referer_check',
      'referer-check',
      `session.referer_check =\n${IDS}`,
      `session.referer_check = example\n${IDS}`,
      'weak',
    ],
    [
      'session.referer_check',
      'referer-check',
      `session.referer_check = "https://shop.example/"\n${IDS}`,
      `session.referer_check = shop.example\n${IDS}`,
      'weak',
    ],
  ] as const
).map(([setting, code, good, bad, verdict]) => ({ setting, code, good, bad, verdict }));

/** Settings about which neither manual has a recommendation, each with an unusual value, which changes no verdict. */
const PHP_NEUTRAL: Readonly<Record<string, string>> = {
  'session.cookie_partitioned': 'session.cookie_partitioned = On\nsession.cookie_secure = On',
  'session.gc_divisor': 'session.gc_divisor = 7',
  'session.save_handler': 'session.save_handler = files',
  'session.serialize_handler': 'session.serialize_handler = php_serialize',
  'session.lazy_write': 'session.lazy_write = Off',
  'session.auto_start': 'session.auto_start = On',
  'session.cache_expire': 'session.cache_expire = 7',
  'session.trans_sid_tags': 'session.trans_sid_tags = "a=href"',
  'arg_separator.output': 'arg_separator.output = "&amp;"',
  'url_rewriter.tags': 'url_rewriter.tags = "form="',
  'url_rewriter.hosts': 'url_rewriter.hosts = "other.example"',
  'session.upload_progress.enabled': 'session.upload_progress.enabled = Off',
  'session.upload_progress.cleanup': 'session.upload_progress.cleanup = On',
  'session.upload_progress.prefix': 'session.upload_progress.prefix = "p_"',
  'session.upload_progress.name': 'session.upload_progress.name = N',
  'session.upload_progress.freq': 'session.upload_progress.freq = 2%',
  'session.upload_progress.min_freq': 'session.upload_progress.min_freq = 2',
};

const NAME = 'SessionCookieName __Host-s HttpOnly;Secure;Path=/';
const SECRET = 'SessionCryptoPassphraseFile /run/secrets/httpd';
const STRONG = 'SessionCryptoPassphrase 9f86d081884c7d659a2feaa0c55ad015';
const lines = (...all: string[]) => ['Session On', ...all].join('\n');
const with_ = (line: string) => lines('SessionMaxAge 1440', NAME, SECRET, line);
const named = (line: string) => lines('SessionMaxAge 1440', line, SECRET);
const sealed = (line: string) => lines('SessionMaxAge 1440', NAME, line);
const aged = (line: string) => lines(line, NAME, SECRET);
const FORM = (type: string) =>
  `${with_('')}\n<Location /in>\nAuthType ${type}\nAuthName "realm"\n</Location>`;

/** Each value that the manuals of httpd's session modules recommend, and one that they warn of. */
const HTTPD: readonly Case[] = (
  [
    ['Session', 'config-fault', with_(''), lines('SessionMaxAge 1440', NAME), 'broken'],
    ['SessionMaxAge', 'no-idle-timeout', aged('SessionMaxAge 1440'), aged('SessionMaxAge 0'), 'weak'],
    ['SessionMaxAge', 'no-idle-timeout', aged('SessionMaxAge 900'), aged('SessionMaxAge 86400'), 'weak'],
    ['SessionHeader', 'apache-session-header', with_(''), with_('SessionHeader X-Replace-Session'), 'weak'],
    [
      'SessionCookieName',
      'apache-directive',
      named(NAME),
      named('SessionCookieName __Host-s Path=/'),
      'choose',
    ],
    [
      'SessionCookieName',
      'apache-directive',
      named('SessionCookieName __Host-s Path=/;Secure;HttpOnly'),
      named('SessionCookieName s Path=/;HttpOnly'),
      'choose',
    ],
    [
      'SessionCookieName',
      'wide-cookie',
      named(NAME),
      named('SessionCookieName s Path=/;Domain=example.com;HttpOnly;Secure'),
      'weak',
    ],
    [
      'SessionCookieName',
      'cookie-path',
      named(NAME),
      named('SessionCookieName s Path=/app;HttpOnly;Secure'),
      'choose',
    ],
    [
      'SessionCookieName',
      'telling-name',
      named(NAME),
      named('SessionCookieName JSESSIONID Path=/;HttpOnly;Secure'),
      'weak',
    ],
    ['SessionCookieName2', 'apache-directive', with_(''), with_('SessionCookieName2 __Host-s'), 'choose'],
    [
      'SessionCryptoPassphrase',
      'secret-strength',
      sealed(STRONG),
      sealed(`SessionCryptoPassphrase ${'a'.repeat(24)}`),
      'broken',
    ],
    [
      'SessionCryptoPassphrase',
      'apache-short-passphrase',
      sealed(STRONG),
      sealed('SessionCryptoPassphrase secret'),
      'broken',
    ],
    [
      'SessionCryptoPassphrase',
      'secret-place',
      sealed('SessionCryptoPassphrase exec:/usr/bin/key'),
      sealed(STRONG),
      'weak',
    ],
    ['SessionCryptoPassphraseFile', 'secret-place', sealed(SECRET), sealed(STRONG), 'weak'],
    [
      'SessionCryptoCipher',
      'apache-3des',
      with_('SessionCryptoCipher aes256'),
      with_('SessionCryptoCipher 3des192'),
      'weak',
    ],
    [
      'SessionCryptoDriver',
      'engine',
      with_('SessionCryptoDriver openssl'),
      with_('SessionCryptoDriver openssl engine=dynamic'),
      'choose',
    ],
    ['AuthType', 'apache-password', FORM('Basic'), FORM('Form'), 'weak'],
  ] as const
).map(([setting, code, good, bad, verdict]) => ({ setting, code, good, bad, verdict }));

describe.each([
  ['php.ini', fromPhp, PHP],
  ['httpd', fromHttpd, HTTPD],
] as const)('doctor on %s', (_, read, cases) => {
  it.each(cases)('finds the recommended value of $setting ok: $code $good', async ({ code, good }) => {
    expect(['ok', 'absent']).toContain(verdictOf(await judge(read, { text: good }), code));
  });

  it.each(cases)(
    'finds the bad value of $setting $verdict, and its remedy helps: $code $bad',
    async ({ code, bad, verdict }) => {
      const rows = await judge(read, { text: bad });
      expect(verdictOf(rows, code)).toBe(verdict);
      if (verdict === 'ok') return;
      const row = rows.find((one) => one.code === code && one.verdict === verdict)!;
      const before: Setup = code === 'config-fault' ? { text: bad } : { text: bad, options: read(bad) };
      const after = await judge(read, await applyRemedy(row.remedy, before));
      expect(['ok', 'absent']).toContain(verdictOf(after, code));
      expect(verdictOf(after, 'config-fault')).toBe('absent');
    },
  );
});

describe('doctor on php.ini', () => {
  it.each(Object.entries(PHP_NEUTRAL))('judges nothing by %s', async (_, text) => {
    const poor = (rows: AuditRow[]) => rows.filter(({ verdict }) => verdict !== 'ok').map((row) => row.code);
    const base = await judge(fromPhp, { text: FOLDER });
    expect(poor(await judge(fromPhp, { text: `${FOLDER}\n${text}` }))).toEqual(poor(base));
  });

  it('has a case for each setting, and for each one that the manual recommends a value for', () => {
    const judged = PHP.map(({ setting }) => setting);
    const all = PHP_SETTINGS.map(({ name }) => name as string);
    expect([...new Set([...judged, ...Object.keys(PHP_NEUTRAL)])].toSorted()).toEqual(all.toSorted());
    for (const { name, hardened } of PHP_SETTINGS) if (hardened) expect(judged).toContain(name);
  });
});

describe('doctor on httpd', () => {
  /** Directives about which the manuals have no recommendation, and those that say where the session is. */
  const NEUTRAL =
    'SessionExpiryUpdateInterval SessionEnv SessionInclude SessionExclude SessionCookieRemove SessionCookieMaxAge ' +
    'SessionDBDCookieName SessionDBDCookieName2 SessionDBDCookieRemove SessionDBDPerUser SessionDBDSelectLabel ' +
    'SessionDBDInsertLabel SessionDBDUpdateLabel SessionDBDDeleteLabel DBDriver DBDParams DBDPrepareSQL AuthName AuthFormSitePassphrase';

  it('has a case for each directive', () => {
    const named = [...new Set([...HTTPD.map(({ setting }) => setting), ...NEUTRAL.split(' ')])];
    expect(named.toSorted()).toEqual(DIRECTIVES.map(({ name }) => name).toSorted());
  });
});
