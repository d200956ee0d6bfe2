import { describe, expect, it } from 'vitest';
import { OwnHosts } from '../../../../lib/http/trans-sid/own-hosts.js';

const SECURE = { secure: true, origin: 'https://shop.example' };
const PLAIN = { secure: false, origin: 'http://shop.example' };
const UNKNOWN = { secure: true, origin: undefined };

describe('OwnHosts', () => {
  it.each([
    ['', SECURE, true],
    ['p:80'.slice(0, 1), SECURE, true],
    ['/p', UNKNOWN, true],
    ['?x', UNKNOWN, true],
    ['//shop.example/p', SECURE, true],
    ['/\\shop.example/p', SECURE, true],
    ['https://SHOP.example:443/', SECURE, true],
    ['http://shop.example/', SECURE, false],
    ['http://shop.example/', PLAIN, true],
    ['https://shop.example/', PLAIN, true],
    ['https://shop.example:8443/', PLAIN, false],
    ['https://shop.example/', UNKNOWN, false],
    ['https://own.invalid/', UNKNOWN, false],
    ['//www.shop.example/', SECURE, false],
    ['//shop.example.evil.example/', SECURE, false],
    ['https:shop.example', SECURE, false],
    ['https://shop.example\u00ad/', SECURE, false],
    ['p:80', SECURE, false],
    ['\u0001javascript:x', SECURE, false],
    ['//', SECURE, false],
    ['ftp://shop.example/', SECURE, false],
  ])('%j on %j: %s', (address, page, own) => {
    expect(new OwnHosts({ hosts: [] }, page).isOwn(address)).toBe(own);
  });

  it('takes linear time for a link full of spaces', { timeout: 5000 }, () => {
    const link = `x${' '.repeat(60_000)}y`;
    expect(new OwnHosts({ hosts: [] }, SECURE).isOwn(link)).toBe(true);
  });

  it('accepts only the listed hosts, and only https from an encrypted page', () => {
    const hosts = new OwnHosts({ hosts: ['b.example', '[::1]', 'c.example:8080'] }, SECURE);
    const own = ['https://b.example/', 'https://B.example:9/', '//[::1]/', '//c.example:8080/', '/p'];
    const foreign = ['//shop.example/', '//c.example/', '//x.b.example/', 'http://b.example/'];
    expect(own.map((address) => hosts.isOwn(address))).not.toContain(false);
    expect(foreign.map((address) => hosts.isOwn(address))).not.toContain(true);
  });

  it('counts relative URLs as foreign for good behind a base of another host', () => {
    const hosts = new OwnHosts({ hosts: [] }, SECURE);
    expect(['/app/', '//cdn.example/', 'https://shop.example/'].map((one) => hosts.applyBase(one))).toEqual([
      true,
      true,
      true,
    ]);
    expect([hosts.isOwn('p'), hosts.isOwn('//shop.example/')]).toEqual([false, true]);
  });

  it('allows no base of another host once a relative URL was reported as own', () => {
    const hosts = new OwnHosts({ hosts: [] }, SECURE);
    expect([hosts.isOwn('//shop.example/'), hosts.isOwn('p')]).toEqual([true, true]);
    expect([hosts.applyBase('//cdn.example/'), hosts.applyBase('/app/'), hosts.isOwn('p')]).toEqual([
      false,
      true,
      true,
    ]);
    hosts.distrustRelative();
    expect(hosts.isOwn('p')).toBe(false);
  });
});
