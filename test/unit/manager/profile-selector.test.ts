import { describe, expect, it } from 'vitest';
import { type ContextOptions, type SessionOptions } from 'nestjs-session-crypto';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import type { ResolvedOptions } from '../../../lib/options/resolved-options.interface.js';
import { isInScope, selectProfile } from '../../../lib/manager/profile-selector.js';
import { isCaseSensitive } from '../../../lib/middleware-mount.js';

const CRYPTO = { secrets: ['a passphrase of the contexts'] };

/** A profile that is nothing but options; it is known by its place in the list, the base by `base`. */
interface FakeProfile {
  readonly title: string;
  readonly options: ResolvedOptions;
}

function profilesOf(list: readonly ContextOptions[], session: SessionOptions = {}) {
  const resolved = resolveOptions({ crypto: CRYPTO, session, contexts: list });
  const base: FakeProfile = { title: 'base', options: resolved };
  const contexts = resolved.contexts.map((place, i) => ({
    place,
    profile: { title: String(i), options: place.options },
  }));
  return { base, contexts };
}

const requestOf = (target: string, caller = '') => ({ url: target, headers: { host: caller } }) as never;

/** The title of the profile of `list` that holds for a host and path. */
const chosen = (list: readonly ContextOptions[], url: string, host?: string, caseSensitive = true) => {
  const { base, contexts } = profilesOf(list);
  return selectProfile(contexts, base, requestOf(url, host), caseSensitive).title;
};

/** Reports whether a path has sessions under a profile. */
const covers = ({ options }: FakeProfile, url: string, caseSensitive = true) =>
  isInScope(options.scope, requestOf(url, 'a.example'), caseSensitive);

const HOSTS: ContextOptions[] = [
  { path: '/shop/admin/deep' },
  { host: '*.example.com', path: '/shop' },
  { host: 'a.example.com' },
  { host: '*.example.com' },
  { host: '*.eu.example.com' },
  { host: ['b.example.com', 'a.example.com'], path: '/shop' },
];

describe('the context of a request', () => {
  it.each([
    ['other.org', '/', 'base'],
    ['', '/', 'base'],
    ['example.com', '/shop', 'base'],
    ['example.com', '/shop/admin/deep', '0'],
    ['x.example.com', '/shop/admin/deep', '1'],
    ['x.example.com', '/', '3'],
    ['a.example.com', '/', '2'],
    ['a.example.com', '/shop/1', '5'],
    ['a.example.com', '/shopping', '2'],
    ['b.example.com', '/', '3'],
    ['b.example.com', '/shop', '5'],
    ['x.eu.example.com', '/', '4'],
    ['x.eu.example.com', '/shop', '4'],
    ['A.Example.COM.:8080', '/shop', '5'],
  ])('at "%s" and %s is %s, whatever the order', (host, url, title) => {
    expect(chosen(HOSTS, url, host)).toBe(title);
    const turned = chosen(HOSTS.toReversed(), url, host);
    expect(turned).toBe(title === 'base' ? 'base' : String(HOSTS.length - 1 - Number(title)));
  });

  const PATHS: ContextOptions[] = [
    { path: '/a' },
    { path: '/a/b/' },
    { path: '/a/bc', match: 'prefix' },
    { path: '/a', match: 'prefix' },
    { path: '/süß' },
  ];

  it.each([
    ['/', 'base'],
    ['/a', '0'],
    ['/a/', '0'],
    ['/a?x=/a/b', '0'],
    ['/ab', '3'],
    ['/a/b', '1'],
    ['/a/b/c', '1'],
    ['/a/bcd', '2'],
    ['/%61/%62', '1'],
    ['/%2561', 'base'],
    ['/s%C3%BC%C3%9F/x', '4'],
    ['/A', 'base'],
    ['http://example.com/a/b', '1'],
  ])('of the path %s is %s, whatever the order', (url, title) => {
    expect(chosen(PATHS, url)).toBe(title);
    const turned = chosen(PATHS.toReversed(), url);
    expect(turned).toBe(title === 'base' ? 'base' : String(PATHS.length - 1 - Number(title)));
  });

  it.each([
    '//a', '/a//b', '/a/..', '/./a', '/a/../b', '/a%2fb', '/a%2F..', '/a\\b', '/a%5Cb', '/a%00', '/a%', '/a%ff', '*',
    'a', '/a/%2e%2e/b',
  ])('is none at %s, also where one is for every path of the host', (url) => {
    expect(chosen([{ path: '/a' }, { host: 'a.example' }, { path: '/', match: 'prefix' }], url, 'a.example')).toBe('base');
  }); // prettier-ignore

  it("takes paths by the router's case rule, also in the lists of a context", () => {
    const list: ContextOptions[] = [{ path: '/a', session: { exclude: ['/a/Out'] } }];
    expect([chosen(list, '/A', ''), chosen(list, '/A', '', false)]).toEqual(['base', '0']);
    const { profile } = profilesOf(list).contexts[0]!;
    expect([covers(profile, '/a/out'), covers(profile, '/a/out', false)]).toEqual([true, false]);
  });

  it('compares a prefix byte by byte whatever the router does', () => {
    expect(chosen([{ path: '/a', match: 'prefix' }], '/A', '', false)).toBe('base');
  });

  it('is the first of two paths that a router takes for one', () => {
    expect(chosen([{ path: '/A' }, { path: '/a' }], '/a', '', false)).toBe('0');
  });

  it('is found for a host and a path of thousands of characters', () => {
    const long = 'a'.repeat(70_000);
    expect(chosen([{ path: '/' }, { path: `/${long}` }], `/${long}`, long)).toBe('1');
    expect(chosen([{ host: 'a.example' }, { path: `/${long}` }], `/${long}`, 'a.example')).toBe('0');
  });
});

describe('where sessions are', () => {
  const coversBase = (session: SessionOptions, url: string) => covers(profilesOf([], session).base, url);

  it.each<{ session: SessionOptions; yes: string[]; no: string[] }>([
    { session: {}, yes: ['/', '/a', '//', '/%'], no: [] },
    { session: { enabled: false }, yes: [], no: ['/', '/a', '//', '/%'] },
    { session: { enabled: false, include: ['/a'] }, yes: [], no: ['/', '/a'] },
    { session: { include: ['/a', '/b'] }, yes: ['/a', '/a/x', '/b', '/%61'], no: ['/', '/ab', '/c', '/a//x', '/a%2fx'] },
    { session: { exclude: ['/a'] }, yes: ['/', '/ab', '/b', '/a//x'], no: ['/a', '/a/x', '/%61/'] },
    { session: { include: ['/a'], exclude: ['/a/x'] }, yes: ['/a', '/a/xy'], no: ['/a/x', '/a/x/y', '/b'] },
    { session: { include: ['/a/x'], exclude: ['/a'] }, yes: [], no: ['/a', '/a/x', '/a/x/y', '/b'] },
    { session: { include: ['/a'], exclude: ['/a'] }, yes: [], no: ['/a', '/b'] },
    { session: { include: ['/a'], match: 'prefix' }, yes: ['/a', '/ab'], no: ['/', '/A'] },
    { session: { exclude: ['/'] }, yes: [], no: ['/', '/a'] },
  ])('$session is at $yes and not at $no', ({ session, yes, no }) => {
    for (const url of yes) expect([url, coversBase(session, url)]).toEqual([url, true]);
    for (const url of no) expect([url, coversBase(session, url)]).toEqual([url, false]);
  }); // prettier-ignore

  it('is for the context to say, where it says', () => {
    const { base, contexts } = profilesOf(
      [{ path: '/a', session: { enabled: true, exclude: ['/a/x'] } }, { path: '/b' }],
      { enabled: false },
    );
    const at = ['/a', '/a/x'].map((url) => covers(contexts[0]!.profile, url));
    expect([covers(base, '/'), ...at, covers(contexts[1]!.profile, '/b')]).toEqual([
      false,
      true,
      false,
      false,
    ]);
  });
});

describe("the router's case rule", () => {
  const fastify = (initialConfig: object) => ({
    use: () => undefined,
    getType: () => 'fastify',
    getInstance: () => ({ initialConfig }),
  });
  const express = (settings: Record<string, unknown>) => ({
    use: () => undefined,
    getType: () => 'express',
    getInstance: () => Object.assign(() => undefined, { get: (name: string) => settings[name] }),
  });

  it.each([
    { title: 'Fastify', adapter: fastify({}), sensitive: true },
    { title: 'an older Fastify that is told', adapter: fastify({ caseSensitive: false }), sensitive: false },
    {
      title: 'Fastify that is told in both ways',
      adapter: fastify({ caseSensitive: true, routerOptions: { caseSensitive: false } }),
      sensitive: false,
    },
    { title: 'Express', adapter: express({}), sensitive: false },
    { title: 'Express that is told', adapter: express({ 'case sensitive routing': true }), sensitive: true },
    { title: 'no platform', adapter: undefined, sensitive: false },
  ])('of $title is sensitive: $sensitive', ({ adapter, sensitive }) => {
    expect(isCaseSensitive(adapter)).toBe(sensitive);
  });
});
