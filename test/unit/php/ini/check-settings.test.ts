import { describe, expect, it } from 'vitest';
import { faultsOf, findingsOf, valueOf } from './excerpts.js';

describe('a cookie', () => {
  it('with SameSite=None must be secure', () => {
    const text = 'session.cookie_samesite = "None"\n';
    expect(faultsOf(text)).toEqual([
      '1: session.cookie_samesite is None while session.cookie_secure is off, so browsers drop the cookie; write session.cookie_secure = On',
    ]);
    expect(faultsOf(`session.cookie_secure = 0\n${text}`)[0]).toMatch(/^2: /);
    expect(faultsOf(`${text}session.cookie_secure = 1`)).toEqual([]);
  });

  it('that is partitioned must be secure', () => {
    const options = { version: '8.5' } as const;
    const text = 'session.cookie_partitioned = 1\n';
    expect(faultsOf(text, options)).toEqual([
      expect.stringMatching(/^1: session.cookie_partitioned is on .*write session.cookie_secure = On$/),
    ]);
    expect(faultsOf(`${text}session.cookie_secure = 1`, options)).toEqual([]);
  });

  it.each(['session.cookie_httponly =', 'session.cookie_httponly = 0'])(
    'is reported as open to scripts with %s',
    (line) => {
      expect(findingsOf(line)).toEqual([
        '1: session.cookie_httponly is off, so in PHP every script in a page can read the cookie; write session.cookie_httponly = On',
      ]);
      expect(findingsOf('')).toEqual([]);
    },
  );

  it('has the attributes that its prefix promises', () => {
    const host = 'session.name = __Host-sid\n';
    const secure = 'session.cookie_secure = 1\n';
    expect(faultsOf(host)).toEqual([
      '1: session.name begins with __Host-, so browsers drop the cookie unless session.cookie_secure is on; write session.cookie_secure = On',
    ]);
    expect(faultsOf(host + secure)).toEqual([]);
    expect(faultsOf(`${host}${secure}session.cookie_path = /a`)).toEqual([
      expect.stringMatching(/unless session.cookie_path is \/; write session.cookie_path = \/$/),
    ]);
    expect(faultsOf(`${host}${secure}session.cookie_domain = example.com`)).toEqual([
      expect.stringMatching(/unless session.cookie_domain is empty; write session.cookie_domain =$/),
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

  it('without a path is reported, because browsers use the folder of the page', () => {
    expect(findingsOf('session.cookie_path =')).toEqual([expect.stringContaining('the folder of the page')]);
  });
});

describe('ids', () => {
  it('must have a source', () => {
    expect(faultsOf('session.use_cookies = 0')).toEqual([
      '1: session.use_cookies is off while session.use_only_cookies is on, so PHP accepts no id at all; write session.use_cookies = On',
    ]);
    expect(faultsOf('session.use_cookies = 0\nsession.use_only_cookies = 0')).toEqual([]);
  });

  it('from URLs are reported as weak', () => {
    expect(findingsOf('session.use_only_cookies = 0')).toEqual([
      expect.stringContaining('from URLs and forms too'),
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
      `1: session.sid_length is ${length} and session.sid_bits_per_character is ${each}, so ids have ${bits} bits; allowed: 128 bits or more; write session.sid_length = ${Math.ceil(128 / each)}`,
    ]);
  });

  it.each([
    [32, 4],
    [26, 5],
    [22, 6],
  ])('of %i characters with %i bits are long enough', (length, each) => {
    expect(faultsOf(`session.sid_bits_per_character = ${each}\nsession.sid_length = ${length}`)).toEqual([]);
  });

  it('must have more characters than there are levels of folders', () => {
    expect(valueOf('session.save_path = "31;/s"', 'session.save_path')).toMatchObject({ depth: 31 });
    expect(faultsOf('session.save_path = "32;/s"')).toEqual([
      '1: session.save_path has a depth of 32, but ids have only 32 characters; allowed: a depth of 31 or less; write a smaller number before the first semicolon',
    ]);
  });
});

describe('a setting without effect, or with a hidden one, is reported', () => {
  it.each([
    ['session.use_trans_sid = 1', 'no effect while session.use_only_cookies is on'],
    ['session.referer_check = example.com', 'no effect while session.use_only_cookies is on'],
    ['session.gc_probability = 0', 'the timer of prune.interval does it'],
    ['session.gc_probability = 100', 'at each request'],
    ['session.gc_divisor = 1', 'at each request'],
    ['session.upload_progress.enabled = 1', 'not offered yet'],
    ['url_rewriter.tags = "a=href"', 'is read as session.trans_sid_tags'],
  ])('%s', (line, what) => {
    expect(findingsOf(line)).toEqual([expect.stringContaining(what)]);
  });

  it.each(['session.gc_probability = 1', 'session.upload_progress.enabled = 0', 'session.gc_divisor = 1000'])(
    '%s is not',
    (line) => {
      expect(findingsOf(line)).toEqual([]);
    },
  );
});

describe('url_rewriter.tags', () => {
  it("sets the session's tags if those are not set", () => {
    const older = 'url_rewriter.tags = "a=href"\n';
    expect(valueOf(older, 'session.trans_sid_tags')).toEqual(new Map([['a', 'href']]));
    const both = `${older}session.trans_sid_tags = "area=href"\n`;
    expect(valueOf(both, 'session.trans_sid_tags')).toEqual(new Map([['area', 'href']]));
    expect(findingsOf(both)).toEqual([]);
  });
});
