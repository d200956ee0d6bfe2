import { describe, expect, it } from 'vitest';
import { faultsOf, findingsOf, valueOf } from './excerpts.js';

describe('a cookie', () => {
  it('with SameSite=None must be secure', () => {
    const text = 'session.cookie_samesite = "None"\n';
    expect(faultsOf(text)).toEqual([
      '1: session.cookie_samesite is None and session.cookie_secure is off; switch it on: browsers drop the cookie',
    ]);
    expect(faultsOf(`session.cookie_secure = 0\n${text}`)[0]).toMatch(/^2: /);
    expect(faultsOf(`${text}session.cookie_secure = 1`)).toEqual([]);
  });

  it('that is partitioned must be secure', () => {
    const options = { version: '8.5' } as const;
    const text = 'session.cookie_partitioned = 1\n';
    expect(faultsOf(text, options)).toEqual([
      expect.stringMatching(/^1: session.cookie_partitioned is on .*switch it on/),
    ]);
    expect(faultsOf(`${text}session.cookie_secure = 1`, options)).toEqual([]);
  });

  it.each(['session.cookie_httponly =', 'session.cookie_httponly = 0'])(
    'is said to be open to scripts by %s',
    (line) => {
      expect(findingsOf(line)).toEqual([
        '1: session.cookie_httponly is off: every script in a page can read the cookie; switch it on',
      ]);
      expect(findingsOf('')).toEqual([]);
    },
  );

  it('keeps what its name promises', () => {
    const host = 'session.name = __Host-sid\n';
    const secure = 'session.cookie_secure = 1\n';
    expect(faultsOf(host)).toEqual([
      expect.stringContaining('drop the cookie unless session.cookie_secure is on'),
    ]);
    expect(faultsOf(host + secure)).toEqual([]);
    expect(faultsOf(`${host}${secure}session.cookie_path = /a`)).toEqual([
      expect.stringContaining('unless session.cookie_path is /'),
    ]);
    expect(faultsOf(`${host}${secure}session.cookie_domain = example.com`)).toEqual([
      expect.stringContaining('unless session.cookie_domain is empty'),
    ]);
    const lax =
      'session.name = __Secure-sid\nsession.cookie_path = /a\nsession.cookie_domain = example.com\n';
    expect(faultsOf(lax)).toEqual([expect.stringContaining('begins with __Secure-')]);
    expect(faultsOf(lax + secure)).toEqual([]);
  });

  it('is kept for 400 days at most', () => {
    expect(findingsOf('session.cookie_lifetime = 34560000')).toEqual([]);
    expect(findingsOf('session.cookie_lifetime = 34560001')).toEqual([
      expect.stringContaining('34560000 seconds (400 days)'),
    ]);
  });

  it('without a path is said to belong to a folder', () => {
    expect(findingsOf('session.cookie_path =')).toEqual([expect.stringContaining('the folder of the page')]);
  });
});

describe('ids', () => {
  it('must come from somewhere', () => {
    expect(faultsOf('session.use_cookies = 0')).toEqual([
      '1: session.use_cookies is off and session.use_only_cookies is on, so no id is ever taken; switch session.use_cookies on',
    ]);
    expect(faultsOf('session.use_cookies = 0\nsession.use_only_cookies = 0')).toEqual([]);
  });

  it('from addresses are said to be weak', () => {
    expect(findingsOf('session.use_only_cookies = 0')).toEqual([
      expect.stringContaining('from addresses and forms too'),
    ]);
  });

  it.each([
    [22, 4, 88],
    [26, 4, 104],
    [22, 5, 110],
    [31, 4, 124],
    [25, 5, 125],
  ])('of %i characters with %i bits have too few bits', (length, each, bits) => {
    expect(faultsOf(`session.sid_length = ${length}\nsession.sid_bits_per_character = ${each}`)).toEqual([
      `1: ids have ${length} characters of ${each} bits, which makes ${bits} bits; 128 are needed: set session.sid_length to ${Math.ceil(128 / each)} or more`,
    ]);
  });

  it.each([
    [32, 4],
    [26, 5],
    [22, 6],
  ])('of %i characters with %i bits are long enough', (length, each) => {
    expect(faultsOf(`session.sid_bits_per_character = ${each}\nsession.sid_length = ${length}`)).toEqual([]);
  });

  it('have more characters than there are folders', () => {
    expect(valueOf('session.save_path = "31;/s"', 'session.save_path')).toMatchObject({ depth: 31 });
    expect(faultsOf('session.save_path = "32;/s"')).toEqual([
      '1: session.save_path has a depth of 32, and ids have only 32 characters',
    ]);
  });
});

describe('what has no effect, or a hidden one, is said', () => {
  it.each([
    ['session.use_trans_sid = 1', 'no effect while session.use_only_cookies is on'],
    ['session.referer_check = example.com', 'no effect while session.use_only_cookies is on'],
    ['session.gc_probability = 0', 'here prune.interval is one'],
    ['session.gc_probability = 100', 'at each request'],
    ['session.gc_divisor = 1', 'at each request'],
    ['session.upload_progress.enabled = 1', 'not offered yet'],
    ['session.save_handler = redis', 'not offered yet'],
    ['url_rewriter.tags = "a=href"', 'taken for session.trans_sid_tags'],
  ])('%s', (line, what) => {
    expect(findingsOf(line)).toEqual([expect.stringContaining(what)]);
  });

  it.each(['session.gc_probability = 1', 'session.upload_progress.enabled = 0', 'session.gc_divisor = 1000'])(
    '%s makes none',
    (line) => {
      expect(findingsOf(line)).toEqual([]);
    },
  );
});

describe('url_rewriter.tags', () => {
  it("stands for the session's tags where those are not set", () => {
    const older = 'url_rewriter.tags = "a=href"\n';
    expect(valueOf(older, 'session.trans_sid_tags')).toEqual(new Map([['a', 'href']]));
    const both = `${older}session.trans_sid_tags = "area=href"\n`;
    expect(valueOf(both, 'session.trans_sid_tags')).toEqual(new Map([['area', 'href']]));
    expect(findingsOf(both)).toEqual([]);
  });
});
