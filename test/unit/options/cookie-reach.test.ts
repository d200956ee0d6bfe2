import { describe, expect, it } from 'vitest';
import { memoryStore, SessionConfigError, type ContextOptions } from 'nestjs-session-crypto';
import { resolveOptions } from '../../../lib/options/resolve-options.js';

/** Option paths of the contexts that are refused. Each context has keys of its own, and all cookies have one name. */
function refused(contexts: readonly ContextOptions[], base: object = {}): string[] {
  const crypto = (i: number) => ({ secrets: [`hex:${i.toString(16).padStart(64, '0')}`] });
  const named = (own: object = {}) => ({ name: 'session', ...own });
  try {
    resolveOptions({
      crypto: crypto(0),
      cookie: named('cookie' in base ? (base.cookie as object) : {}),
      ...('session' in base && { session: base.session as object }),
      contexts: contexts.map((one, i) => ({
        ...one,
        crypto: crypto(i + 1),
        cookie: named(one.cookie),
        session: { enabled: true },
      })),
    });
    return [];
  } catch (error) {
    if (!(error instanceof SessionConfigError)) throw error;
    return error.faults.map(({ path }) => path);
  }
}

const OFF = { session: { enabled: false } };
const HERE = ['contexts[0]'];
const SECOND = ['contexts[1]'];

describe('one cookie name with several keys', () => {
  it.each<[string, ContextOptions[], object?]>([
    ['hosts', [{ host: 'a.example' }, { host: 'b.example' }]],
    ['a host, beside hosts that no context names', [{ host: 'a.example' }]],
    ['all hosts below a domain, beside that domain', [{ host: '*.a.example' }, { host: 'a.example' }]],
    ['all hosts below a domain, beside one of them', [{ host: '*.example' }, { host: 'a.example' }]],
    ['two lists of hosts', [{ host: ['a.example', 'b.example'] }, { host: ['c.example', '*.d.example'] }]],
    ['paths with cookies of their own', [{ path: '/a', cookie: { path: '/a' } }, { path: '/b', cookie: { path: '/b' } }], OFF],
    ['paths of which one begins with the other', [{ path: '/a', cookie: { path: '/a' } }, { path: '/ab', cookie: { path: '/ab' } }], OFF],
    ['a path, where the rest has a cookie path elsewhere', [{ path: '/a', cookie: { path: '/a' } }], { cookie: { path: '/b' } }],
    ['a path, where sessions are off elsewhere', [{ path: '/a' }], OFF],
    ['a path of one host and a path of another', [{ host: 'a.example', path: '/x' }, { host: 'b.example', path: '/x' }], OFF],
    ['domains apart', [{ host: 'x.a.example', cookie: { domain: 'a.example' } }, { host: 'x.b.example', cookie: { domain: 'b.example' } }], OFF],
  ])('serves %s', (_, contexts, base) => {
    expect(refused(contexts, base)).toEqual([]);
  }); // prettier-ignore

  it.each<[string, ContextOptions[], string[], object?]>([
    ['two paths of one host', [{ host: 'a.example', path: '/x' }, { host: 'a.example', path: '/y' }], SECOND, OFF],
    ['a path and the rest', [{ path: '/a' }], HERE],
    ['a path with a cookie path of its own, below the cookie of the rest', [{ path: '/a', cookie: { path: '/a' } }], HERE],
    ['a path whose cookie goes to the rest', [{ path: '/a', cookie: { path: '/' } }], HERE, { cookie: { path: '/b' } }],
    ['a path of a host, and every path of all hosts', [{ host: 'a.example', path: '/x' }], HERE],
    ['hosts that share a domain', [{ host: 'a.example', cookie: { domain: 'example' } }, { host: 'b.example' }], SECOND, OFF],
    ['a domain in another case, with a dot', [{ host: 'a.example', cookie: { domain: '.Example' } }, { host: 'b.example' }], SECOND, OFF],
    ['a domain and a wildcard below it', [{ host: 'a.example', cookie: { domain: 'example' } }, { host: '*.b.example' }], SECOND, OFF],
    ['a domain of the rest and a host in it', [{ host: 'a.example' }], HERE, { cookie: { domain: 'example' } }],
    ['a domain and hosts in it that no context names', [{ host: 'a.example', cookie: { domain: 'example' } }], HERE],
    ['one host twice', [{ host: ['a.example', 'b.example'], path: '/x' }, { host: 'b.example' }], SECOND, OFF],
    ['a path and a longer path below its cookie', [{ path: '/a', cookie: { path: '/a' } }, { path: '/a/b', cookie: { path: '/a/b' } }], SECOND, OFF],
    ['a path and one with the same first bytes', [{ path: '/a', match: 'prefix' }, { path: '/ab/c', cookie: { path: '/ab' } }], SECOND, OFF],
    ['a cookie path that only a router that ignores case maps here', [{ path: '/a', cookie: { path: '/B' } }, { path: '/b', cookie: { path: '/b' } }], SECOND, OFF],
  ])('is refused for %s', (_, contexts, paths, base) => {
    expect(refused(contexts, base)).toEqual(paths);
  }); // prettier-ignore

  it('is decided for a thousand tenants at once', () => {
    const tenants = Array.from({ length: 1_000 }, (_, i) => ({ host: `t${i}.example` }));
    expect(refused(tenants)).toEqual([]);
    expect(refused([...tenants, { host: 't7.example', path: '/x' }])).toEqual(['contexts[1000]']);
  });

  it('counts for stores too', () => {
    const contexts = ['a.example', 'b.example'].map((host) => ({ host, store: memoryStore() }));
    expect(
      resolveOptions({ crypto: { secrets: [`hex:${'01'.repeat(32)}`] }, contexts }).contexts,
    ).toHaveLength(2);
  });
});
