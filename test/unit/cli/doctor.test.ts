import { Module } from '@nestjs/common';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryStore, SessionCryptoModule } from 'nestjs-session-crypto';
import { run } from '../../../lib/cli/run.js';
import { exportingFile } from '../../support/command.js';
import { capture, goodAnswer, startSite, TOKEN } from './support/site.js';

const KEY = 'raw:w4nQe0ZrmBfV7nKXo3m6yWQh1T9sJtUu2cPzLgAaXbE';
const PASS = 'seven letters seven';
let folder: string;

beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'session-crypto-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
/** Writes a module and returns its path. */
function file(source: string, extension = 'mjs'): string {
  const name = join(folder, `config-${files++}.${extension}`);
  writeFileSync(name, source);
  return name;
}

const STORE = `{ kind: 'cookie', options: { acceptReplay: true } }`;
const GOOD = `{ crypto: { secrets: [() => '${KEY}'] }, store: ${STORE} }`;
const WEAK = `{ crypto: { secrets: [() => '${KEY}'] }, store: ${STORE}, cache: { limiter: 'none' } }`;
const BROKEN = `{ crypto: { secrets: ['${PASS}'] }, cookie: { httpOnly: false } }`;
const FAULTY = `{ crypto: { secrets: ['short'] }, cookie: { sameSite: 'lex' } }`;

async function doctor(...args: string[]) {
  const { said, output } = capture();
  const status = await run(['doctor', ...args], output);
  for (const secret of [KEY.slice(4), PASS, TOKEN]) expect(said.out + said.err).not.toContain(secret);
  return { status, ...said };
}

const judge = (source: string, ...args: string[]) =>
  doctor('--config', file(`export default ${source}`), ...args);
const codes = (json: string, verdict: string) =>
  (JSON.parse(json) as { rows: { code: string; verdict: string }[] }).rows
    .filter((row) => row.verdict === verdict)
    .map(({ code }) => code);

describe('session-crypto doctor', () => {
  it.each([
    [0, GOOD, []],
    [0, GOOD, ['--strict']],
    [0, WEAK, []],
    [1, WEAK, ['--strict']],
    [2, BROKEN, []],
    [2, BROKEN, ['--strict']],
    [2, FAULTY, []],
  ])('ends with status %i for %s %j', async (status, source, args) => {
    expect((await judge(source, ...args)).status).toBe(status);
  });

  it('prints four lines for a row that is broken or weak, two for one to choose, and one for one that is ok', async () => {
    const { out } = await judge(BROKEN);
    const lines = out.split('\n');
    expect(lines.slice(0, 4)).toEqual([
      'broken  cookie.httpOnly: readable by scripts',
      '        recommended: true',
      '        why: without HttpOnly the scripts of a page can read the cookie, so one injected script can take every session (PHP session.cookie_httponly, ASVS 3.3.4, OWASP session sheet (HttpOnly))',
      '        fix: remove cookie.httpOnly: false',
    ]);
    expect(lines).toContain('ok      cookie.sameSite: lax');
    const chosen = lines.indexOf('choose  crypto.audience: none');
    expect(lines[chosen + 1]).toBe("        fix: set crypto.audience to the site's host");
    expect(lines.at(-2)).toMatch(/^1 broken, \d+ weak, \d+ for you to choose, \d+ ok$/);
  });

  it('prints the same as JSON', async () => {
    const { out } = await judge(BROKEN, '--json');
    const { verdicts, rows } = JSON.parse(out) as { verdicts: object; rows: object[] };
    expect(verdicts).toMatchObject({ broken: 1 });
    expect(Object.values(verdicts).reduce((sum: number, one: number) => sum + one, 0)).toBe(rows.length);
    expect(rows[0]).toEqual({
      setting: 'cookie.httpOnly',
      value: 'readable by scripts',
      recommended: 'true',
      verdict: 'broken',
      why: expect.any(String) as string,
      remedy: 'remove cookie.httpOnly: false',
      source: 'PHP session.cookie_httponly, ASVS 3.3.4, OWASP session sheet (HttpOnly)',
      code: 'script-readable-cookie',
    });
  });

  it('prints every fault of options that would stop the start', async () => {
    const { out } = await judge(FAULTY);
    expect(out).toContain('broken  crypto.secrets[0]: the application does not start');
    expect(out).toContain('broken  cookie.sameSite: the application does not start');
    expect(out).toContain('set cookie.sameSite to an allowed value');
    expect(out).toContain('2 broken, 0 weak');
    expect((await judge('5')).out).toContain('broken  ');
  });

  it('judges a production site, and with --development a machine of a developer', async () => {
    const literal = `{ crypto: { secrets: ['${KEY}'] }, store: ${STORE} }`;
    expect(codes((await judge(literal, '--json')).out, 'weak')).toEqual(['secret-place']);
    expect(codes((await judge(literal, '--json', '--development')).out, 'weak')).toEqual([]);
  });

  it('judges with the facts that the operator passes', async () => {
    const { out } = await judge(GOOD, '--json', '--proxy-trust', 'all', '--fingerprint', '00000000');
    expect(codes(out, 'weak')).toEqual(['proxy-trust']);
    expect(codes(out, 'broken')).toEqual(['equal-parameters']);
  });

  it.each([
    ['mjs', `export default ${WEAK}`],
    ['mjs', `export const options = ${WEAK}`],
    ['mjs', `export const sessionOptions = ${WEAK}; export default class Other {}`],
    ['mjs', `export default () => (${WEAK})`],
    ['mjs', `export default async () => (${WEAK})`],
    ['mjs', `export const sessionOptions = { ...${WEAK}, name: 'admin', isGlobal: true, mount: false }`],
    ['cjs', `module.exports = ${WEAK}`],
    ['cjs', `module.exports = { sessionOptions: ${WEAK} }`],
    ['cjs', `module.exports = { options: async () => (${WEAK}) }`],
  ])('reads options from .%s: %s', async (extension, source) => {
    const { out } = await doctor('--json', '--config', file(source, extension));
    expect(codes(out, 'weak')).toEqual(['cache-limiter']);
  });

  it.each([
    ['mjs', 'export const other = 5', /exports none of sessionOptions, options, default/],
    ['mjs', `throw new Error('${PASS}')`, /cannot be loaded \(Error\)/],
    ['mjs', `export default () => { throw new TypeError('${PASS}') }`, /failed \(TypeError\)/],
    ['mjs', `export default async () => { throw new TypeError('${PASS}') }`, /failed \(TypeError\)/],
  ])('reports the fault of .%s: %s', async (extension, source, message) => {
    const { status, err, out } = await doctor('--config', file(source, extension));
    expect([status, out]).toEqual([78, '']);
    expect(err).toMatch(message);
  });

  it.each([
    [64, [], /needs options or a site: --config FILE, --module FILE#CLASS or --url URL/],
    [66, ['--config', '/nowhere/at/all.mjs'], /does not exist/],
    [64, ['--conifg', 'x'], /unknown option '--conifg'; is "--config" meant\?/],
    [64, ['--url', 'nowhere'], /--url needs an address/],
    [64, ['--url', 'https://example.com/', '--insecure'], /--insecure is for this machine only/],
    [64, ['--url', 'http://127.0.0.1/', '--proxy-trust', 'some'], /Allowed choices are none, named, all/],
  ])('ends with %i for %j', async (expected, args, message) => {
    const { status, err } = await doctor(...args);
    expect(status).toBe(expected);
    expect(err).toMatch(message);
  });

  it('judges the options of an application, before its store is opened', async () => {
    const refused = () => Promise.reject(new Error('nobody opens it'));
    const sessions = SessionCryptoModule.forRootAsync({
      name: 'shop',
      useFactory: () => ({
        crypto: { secrets: [() => KEY] },
        store: Object.assign(memoryStore(), { open: refused }),
        cache: { limiter: 'none' },
      }),
    });
    const other = SessionCryptoModule.forRoot({
      name: 'other',
      crypto: { secrets: [KEY] },
      cookie: { name: 'other' },
    });
    class AppModule {}
    Module({ imports: [other, sessions] })(AppModule);
    const { status, out, err } = await doctor(
      '--module',
      await exportingFile({ AppModule }),
      '--session',
      'shop',
      '--json',
    );
    expect([status, err]).toEqual([0, '']);
    expect(codes(out, 'weak')).toContain('cache-limiter');
    const wrong = await doctor('--module', await exportingFile({ AppModule }), '--session', 'shpo');
    expect([wrong.status, wrong.err]).toEqual([64, expect.stringContaining('"other", "shop"')]);
  });

  it('audits a running site', async () => {
    const url = await startSite(() => goodAnswer(), { secure: true });
    const good = await doctor('--url', url, '--insecure', '--plain-url', 'http://127.0.0.1:1/', '--strict');
    expect([good.status, good.err]).toEqual([0, '']);
    expect(good.out).toContain('0 broken, 0 weak, 0 for you to choose');
    expect((await doctor('--url', url)).out).toContain('does not respond (DEPTH_ZERO_SELF_SIGNED_CERT)');
    expect((await doctor('--url', url)).status).toBe(2);
  });

  it('looks for the cookies of the options, and sees at the site whether it serves https only', async () => {
    const url = await startSite(() => goodAnswer({ 'set-cookie': ['sid=other', `visit=${TOKEN}; Path=/`] }), {
      secure: true,
    });
    const named = `{ ...${GOOD}, cookie: { name: 'visit' } }`;
    const { out } = await judge(
      named,
      '--url',
      url,
      '--insecure',
      '--plain-url',
      'http://127.0.0.1:1/',
      '--json',
    );
    expect(codes(out, 'ok')).toEqual(expect.arrayContaining(['transport', 'site-cookie']));
    expect(out).toContain('Set-Cookie visit');
    expect(out).not.toContain('Set-Cookie sid');
    const serving = await startSite(() => goodAnswer());
    const plain = await judge(named, '--url', url, '--insecure', '--plain-url', serving, '--json');
    expect(codes(plain.out, 'broken')).toEqual(expect.arrayContaining(['transport']));
  });

  it('prints no control character that a site sends', async () => {
    const url = await startSite(() => goodAnswer({ 'set-cookie': 'sid\u009b31m=abc; Path=/' }));
    const { out } = await doctor('--url', url);
    expect(out).toContain('Set-Cookie sid');
    expect(out).not.toMatch(/[^\P{C}\n]/u);
  });

  it('says with --health whether stores, keys and driver are well', async () => {
    const { status, out } = await judge(GOOD, '--health', '--json');
    const { rows } = JSON.parse(out) as { rows: { code: string; verdict: string; value: string }[] };
    const health = rows.filter(({ code }) => code.startsWith('health-'));
    expect(health.map(({ code, verdict }) => `${code} ${verdict}`)).toEqual(
      ['store', 'clock', 'keys', 'ring', 'driver'].map((part) => `health-${part} ok`),
    );
    expect([status, health[0]!.value]).toEqual([0, 'cookie is not asked']);
  });

  it('says with --health why the application does not start', async () => {
    const store = `{ kind: 'memory', name: 'memory', guarded: true, load() {}, create() {}, replace() {}, move() {}, destroy() {},
      open() { throw Object.assign(new Error('${KEY}'), { code: 'ECONNREFUSED' }) } }`;
    const options = `{ crypto: { secrets: [() => '${KEY}'] }, store: ${store} }`;
    const { status, out } = await judge(options, '--health');
    expect(status).toBe(2);
    expect(out).toContain('broken  health: the application does not start');
    expect(out).toContain('nobody listens at its address');
  });

  it('needs --config for --health', async () => {
    const { status, err } = await doctor('--url', 'https://shop.example', '--health');
    expect([status, err]).toEqual([64, expect.stringContaining('doctor --health needs --config FILE')]);
  });
});
