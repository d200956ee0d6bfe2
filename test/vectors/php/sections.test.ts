import { expect, it } from 'vitest';
import { SECTIONS } from './sections/index.js';

const [A, B] = ['FIXaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1', 'FIXbbbbbbbbbbbbbbbbbbbbbbbbbbbbb2'];
const fields = { theme: 'lifecycle', setup: 'see generator', ini: {}, messages: [], headers: [] };
const start = 'session_start(); $r["n"] = 1;';

/** Cases that contradict PHP, in sections whose rules could hide the contradiction. */
it.each<[string, string, object]>([
  ['set_cookie', 'another path', { ini: { 'session.cookie_path': '/a' }, code: start, headers: ['Set-Cookie: PHPSESSID=@id1; path=/b'], result: { n: 1 } }],
  ['set_cookie', 'no cookie', { ini: {}, code: start, headers: [], result: { n: 1 } }],
  ['set_cookie', 'another result', { ini: {}, code: start, headers: ['Set-Cookie: PHPSESSID=@id1; path=/'], result: { n: 2 } }],
  ['cache_limiter', 'other headers', { ini: { 'session.cache_limiter': 'private' }, headers: ['Cache-Control: public'] }],
  ['sid_setting_range', 'a length refused', { setting: 'session.sid_length', value: '40', accepted: false, effective: '32', id_len: 32 }],
  ['incoming_id', 'a known id replaced', { id_b64: Buffer.from(A).toString('base64'), strict: 1, exists: 1, headers: ['Set-Cookie: PHPSESSID=@id1; path=/'], result: { start: true, kept_given_id: false, data: [] } }],
  ['id_sources', 'the query before the cookie', { request: { cookie: `PHPSESSID=${A}`, get: `PHPSESSID=${B}` }, use_cookies: 1, use_only_cookies: 0, strict: 0, headers: [], result: { sid: B } }],
  ['referer_check', 'another page allowed', { referer_check: 'http://a.test/', referer: 'http://b.test/', id_from: 'get', use_only_cookies: 0, script_mentions_SERVER: true, id_kept: true }],
  ['behaviour', 'data that nobody wrote', { ...fields, cookie_id: A, code: 'session_start(); session_write_close(); $r["files"] = files($D);', result: { files: { [`sess_${A}`]: 'a|i:2;' } } }],
  ['behaviour', 'a cookie that was not due', { ...fields, cookie_id: A, code: 'session_start();', headers: ['Set-Cookie: PHPSESSID=@id1; path=/'], result: {} }],
  ['locking', 'a lost update', { id: 'both_write', result: { second_waited: false, second_read_n: 0, final_file: 'n|i:1;' } }],
])('%s fails for %s', async (section, _, vector) => {
  await expect((async () => SECTIONS[section]!(vector as never))()).rejects.toThrow();
}); // prettier-ignore

it.each([
  ['an unknown function', 'session_start(); frobnicate();'],
  ['an unknown statement', 'foreach ($_SESSION as $k => $v) {}'],
])('a case that needs %s of PHP is left out with a reason', async (_, code) => {
  const outcome = await SECTIONS['set_cookie']!({ ini: {}, code, headers: [], result: {} } as never);
  expect(outcome).toEqual({ leftOut: expect.stringMatching(/frobnicate|foreach/) as string });
});
