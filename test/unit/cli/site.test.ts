import { describe, expect, it } from 'vitest';
import type { AuditRow } from 'nestjs-session-crypto';
import { auditSite } from '../../../lib/cli/site/audit-site.js';
import { SITE_RULES } from '../../../lib/cli/site/site-rules.js';
import { UsageError } from '../../../lib/cli/usage.error.js';
import { COOKIE_RULES, COOKIE_SIZE } from '../../../lib/options/audit/cookie-rules.js';
import { goodAnswer, startSite, TOKEN, type Answer } from './support/site.js';

const SECURE = { names: [], insecure: true };
const PLAIN = { names: [], insecure: false };
const verdicts = (rows: readonly AuditRow[]) =>
  Object.fromEntries(rows.map(({ code, verdict }) => [code, verdict]));

/** Returns the verdicts about a site with TLS. Its plain address redirects to it, unless `plain` says otherwise. */
async function judge(answer: Answer | ((cookie: string | undefined) => Answer), plain?: Answer) {
  const answerOf = typeof answer === 'function' ? answer : () => answer;
  const url = await startSite(({ headers }) => answerOf(headers.cookie), { secure: true });
  const plainUrl = await startSite(() => plain ?? { status: 308, headers: { location: url } });
  const { rows, https } = await auditSite(url, { ...SECURE, plainUrl });
  expect(JSON.stringify(rows)).not.toContain(TOKEN);
  return { ...verdicts(rows), https } as Record<string, string | boolean | undefined>;
}

const cookie = (text: string) => goodAnswer({ 'set-cookie': text });
const withBody = (body: string): Answer => ({ ...goodAnswer(), body });

describe('the audit of a site', () => {
  it('judges every row of a good site as ok', async () => {
    const rows = await judge(goodAnswer());
    const codes = [...SITE_RULES, ...COOKIE_RULES, COOKIE_SIZE].map(({ code }) => code);
    expect(Object.keys(rows).toSorted()).toEqual([...codes, 'https'].toSorted());
    expect(rows).toEqual({ ...Object.fromEntries(codes.map((code) => [code, 'ok'])), https: true });
  });

  it.each<[string, string, Answer]>([
    ['site-hsts', 'weak', goodAnswer({ 'strict-transport-security': undefined })],
    ['site-hsts', 'weak', goodAnswer({ 'strict-transport-security': 'max-age=300; includeSubDomains' })],
    ['site-hsts', 'weak', goodAnswer({ 'strict-transport-security': 'max-age=31536000' })],
    ['site-hsts', 'weak', goodAnswer({ 'strict-transport-security': 'max-age=0' })],
    ['site-cookie', 'choose', goodAnswer({ 'set-cookie': undefined })],
    ['site-cookie', 'choose', cookie('theme=dark; Path=/')],
    ['site-cookie', 'choose', cookie('__Host-sid=; Max-Age=0; Path=/; Secure')],
    ['site-cookie', 'weak', goodAnswer({ 'set-cookie': ['sid=a1; Path=/', 'sid=b2; Path=/'] })],
    ['site-cache', 'weak', goodAnswer({ 'cache-control': undefined })],
    ['site-cache', 'weak', goodAnswer({ 'cache-control': 'max-age=60' })],
    ['site-cache', 'choose', goodAnswer({ 'cache-control': 'private, max-age=60' })],
    ['site-cache', 'broken', goodAnswer({ 'cache-control': 'public, max-age=60' })],
    ['site-vary', 'weak', goodAnswer({ 'cache-control': 'private', vary: 'Accept-Cookie' })],
    ['site-vary', 'ok', goodAnswer({ vary: undefined })],
    ['site-vary', 'ok', goodAnswer({ 'cache-control': 'private', vary: 'Accept, cookie' })],
    ['site-echo', 'broken', withBody(`<script>const token = '${TOKEN}'</script>`)],
    ['site-echo', 'broken', goodAnswer({ refresh: `5; url=/next?sid=${TOKEN}` })],
    ['plain-cookie', 'broken', cookie('__Host-sid=a1; Path=/; HttpOnly; SameSite=Lax')],
    ['script-readable-cookie', 'broken', cookie('__Host-sid=a1; Path=/; Secure; SameSite=Lax')],
    ['cross-site-cookie', 'weak', cookie('__Host-sid=a1; Path=/; Secure; HttpOnly')],
    ['cross-site-cookie', 'weak', cookie('__Host-sid=a1; Path=/; Secure; SameSite=None')],
    ['cross-site-cookie', 'choose', cookie('__Host-sid=a1; Path=/; Secure; SameSite=None; Partitioned')],
    ['cookie-prefix', 'weak', cookie('sid=a1; Path=/; Secure')],
    ['cookie-prefix', 'choose', cookie('__Secure-sid=a1; Path=/; Secure')],
    ['telling-name', 'weak', cookie('PHPSESSID=a1; Path=/')],
    ['telling-name', 'weak', cookie('connect.sid=a1; Path=/')],
    ['wide-cookie', 'weak', cookie('__Secure-sid=a1; Domain=example.com; Path=/')],
    ['cookie-path', 'choose', cookie('__Secure-sid=a1; Path=/app')],
    ['kept-cookie', 'weak', cookie('__Host-sid=a1; Path=/; Max-Age=999999')],
    ['kept-cookie', 'choose', cookie('__Host-sid=a1; Path=/; Max-Age=60')],
    ['kept-cookie', 'weak', cookie('__Host-sid=a1; Path=/; Expires=Wed, 01 Jan 2200 00:00:00 GMT')],
    ['large-cookie', 'broken', cookie(`__Host-sid=${'a'.repeat(4090)}; Path=/`)],
  ])('judges %s as %s', async (code, verdict, answer) => {
    expect((await judge(answer))[code]).toBe(verdict);
  });

  it.each<[string, boolean, Answer]>([
    ['ok', true, { status: 301, headers: { location: 'https://example.com/' } }],
    ['weak', false, { status: 200 }],
    ['weak', false, { status: 302, headers: { location: '/other' } }],
    ['broken', false, goodAnswer()],
    ['broken', false, { status: 301, headers: { location: 'https://example.com/', 'set-cookie': 'sid=a1' } }],
  ])('judges the response of the plain address as %s', async (verdict, https, plain) => {
    expect(await judge(goodAnswer(), plain)).toMatchObject({ 'site-plain': verdict, https });
  });

  it('visits no plain address that it would have to guess', async () => {
    const url = await startSite(() => goodAnswer(), { secure: true });
    const { rows, https } = await auditSite(url, SECURE);
    expect([verdicts(rows)['site-plain'], https]).toEqual(['choose', undefined]);
  });

  it('judges a plain address without a server as ok', async () => {
    const url = await startSite(() => goodAnswer(), { secure: true });
    const { rows } = await auditSite(url, { ...SECURE, plainUrl: 'http://127.0.0.1:1/' });
    expect(verdicts(rows)['site-plain']).toBe('ok');
  });

  it('distinguishes a site that keeps an invented id, one that replaces it, and one that sets no cookie', async () => {
    const keeping = (sent: string | undefined) =>
      cookie(`${sent ?? `__Host-sid=${TOKEN}`}; Path=/; Secure; HttpOnly; SameSite=Lax`);
    const silent = (sent: string | undefined) =>
      sent ? goodAnswer({ 'set-cookie': undefined }) : goodAnswer();
    expect(await judge(keeping)).toMatchObject({ 'site-adopts': 'broken' });
    expect(await judge(silent)).toMatchObject({ 'site-adopts': 'weak' });
  });

  it('finds the decoded form of a token in the page', async () => {
    const answer = cookie('__Host-sid=with%20some%20blanks%20in%20it; Path=/; Secure');
    expect(await judge({ ...answer, body: 'with some blanks in it' })).toMatchObject({
      'site-echo': 'broken',
    });
  });

  it('looks for the cookie that the caller names', async () => {
    const url = await startSite(() => cookie('visit=abc; Path=/'));
    const { rows } = await auditSite(url, { ...PLAIN, names: ['visit'] });
    expect(verdicts(rows)).toMatchObject({ 'site-cookie': 'ok', 'script-readable-cookie': 'broken' });
    const other = await auditSite(url, { ...PLAIN, names: ['__Host-sid'] });
    expect(verdicts(other.rows)).toMatchObject({ 'site-cookie': 'choose' });
  });

  it('requires no TLS of a site on this machine', async () => {
    const url = await startSite(() => cookie('sid=abc; Path=/; HttpOnly; SameSite=Lax'));
    const { rows, https } = await auditSite(url, PLAIN);
    expect(verdicts(rows)).toMatchObject({
      'site-transport': 'choose',
      'plain-cookie': 'choose',
      'cookie-prefix': 'choose',
    });
    expect(https).toBeUndefined();
    expect(verdicts(rows)).not.toHaveProperty('site-hsts');
  });

  it('follows redirects within one host to the response that sets the cookie, and no others', async () => {
    const steps: Record<string, Answer> = {
      '/': { status: 302, headers: { location: '/login' } },
      '/login': goodAnswer(),
    };
    const url = await startSite(({ url: path }) => steps[path!]!);
    expect(verdicts((await auditSite(url, PLAIN)).rows)).toMatchObject({ 'site-cookie': 'ok' });
    const away = await startSite(() => ({
      status: 302,
      headers: { location: 'http://elsewhere.example.com/' },
    }));
    expect(verdicts((await auditSite(away, PLAIN)).rows)).toMatchObject({ 'site-cookie': 'choose' });
  });

  it('ends a loop of redirects', async () => {
    let asked = 0;
    const url = await startSite(() => ({ status: 302, headers: { location: `/${++asked}` } }));
    expect(verdicts((await auditSite(url, PLAIN)).rows)).toMatchObject({ 'site-cookie': 'choose' });
    expect(asked).toBe(6);
  });

  it('reports that the site does not respond if its certificate is not signed, or no server listens', async () => {
    const url = await startSite(() => goodAnswer(), { secure: true });
    const { rows } = await auditSite(url, PLAIN);
    expect(rows).toEqual([
      expect.objectContaining({
        code: 'site-answer',
        verdict: 'broken',
        value: 'does not respond (DEPTH_ZERO_SELF_SIGNED_CERT)',
      }),
    ]);
    const gone = await auditSite('http://127.0.0.1:1/', PLAIN);
    expect(gone.rows).toEqual([expect.objectContaining({ value: 'does not respond (ECONNREFUSED)' })]);
  });

  it.each([
    ['https://example.com/', SECURE],
    ['https://localhost.example.com/', SECURE],
    ['https://127.0.0.1.example.com/', SECURE],
    ['ftp://127.0.0.1/', PLAIN],
    ['nowhere', PLAIN],
    ['https://visitor:word@127.0.0.1/', PLAIN],
    ['http://127.0.0.1/', { ...PLAIN, plainUrl: 'https://127.0.0.1/' }],
  ])('refuses %s with %o', async (url, options) => {
    await expect(auditSite(url, options)).rejects.toThrow(UsageError);
  });
});
