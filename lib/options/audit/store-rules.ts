import type { AnyStore } from '../resolved-options.interface.js';
import { isCookieStore, isForeignStore } from '../store-kind.js';
import { judged, type AuditRule, type Judgement } from './audit.interface.js';

/** Judges a weakness that every cookie store without a source of revocations has: a choice if the options accept replay, weak
 *  if they do not say so. Returns `undefined` for other stores. */
const judgeCookieStore = (store: AnyStore): Judgement | undefined => {
  if (!isCookieStore(store) || store.options.revocation) return undefined;
  return store.options.acceptReplay
    ? judged('in the cookie, replay accepted', 'choose')
    : judged('in the cookie', 'weak');
};

/** True if the server keeps nothing at all. */
const keepsNothing = (store: AnyStore): boolean => isCookieStore(store) && !store.options.revocation;

/** Rules about the place of sessions, the removal of expired ones, and HTTP caches. */
export const STORE_RULES: readonly AuditRule[] = [
  {
    code: 'replayable',
    setting: 'store',
    recommended: 'a server store',
    why: 'a copied session cookie works until its sealed deadline, even after a logout; and a slow request that began before a logout can set the cookie again, which logs the same browser in again',
    remedy:
      'use typeOrmStore(), or set cookieStore({ revocation: sqlRevocation({ pool }) }), or cookieStore({ acceptReplay: true }) and keep the timeouts short',
    sharedRemedy:
      'use a store that the other server shares (with httpd: dbdStore()), or set cookieStore({ acceptReplay: true }) and keep the timeouts short',
    source: 'ASVS 7.4.1, OWASP session sheet (Session Expiration)',
    judge: ({ options: { store } }) =>
      judgeCookieStore(store) ??
      judged(isCookieStore(store) ? 'in the cookie, with revocation' : store.kind, 'ok'),
  },
  {
    code: 'no-revocation',
    setting: 'store',
    recommended: 'a store that can list and end the sessions of a user',
    why: 'when an account is closed or stolen, all its sessions must end; users should also see their sessions',
    remedy: 'use typeOrmStore(): SessionService.list() and revokeSubject() work with it',
    sharedRemedy:
      'nothing while the format is shared; when the other server no longer runs, migrate its sessions to typeOrmStore() with crypto.accept',
    source: 'ASVS 7.4.2, ASVS 7.4.3, ASVS 7.4.5, ASVS 7.5.2, PHP session.security (active sessions)',
    judge: ({ options: { store } }) => {
      const cookie = judgeCookieStore(store);
      if (!cookie && isCookieStore(store)) return judged('by user, without a list', 'choose');
      if (cookie) return judged('only all sessions at once, by a new secret', cookie.verdict);
      const canList = !isForeignStore(store) && 'list' in store && store.list && store.destroySubject;
      return canList ? judged('by user', 'ok') : judged(`"${store.kind}" cannot list sessions`, 'weak');
    },
  },
  {
    code: 'replayable-migration',
    setting: 'crypto.accept',
    recommended: 'a server store while sessions are migrated',
    why: 'the cookie store does not remember which sessions were migrated, so a copy of the old cookie can be migrated again until the migration ends',
    remedy: 'use typeOrmStore() during the migration, or set an early until',
    source: 'ASVS 7.4.1',
    judge: ({ options: { store, crypto } }) => {
      if (!crypto.accept.length) return undefined;
      return isCookieStore(store) ? judged('not remembered', 'weak') : judged('remembered', 'ok');
    },
  },
  {
    code: 'rows-at-rest',
    setting: 'store',
    recommended: 'sealed rows and hashed ids',
    why: 'a reader of the files, the table or a backup must not be able to read sessions or take them over',
    remedy: 'use a native store: its rows are sealed and its ids are hashed',
    sharedRemedy:
      'let only both programs read the files, the table and their backups; when the other program no longer runs, use a native store, whose rows are sealed and whose ids are hashed',
    source: 'PHP session.save_path, OWASP session sheet (repository), ASVS 14.2.4',
    judge: ({ options: { store } }) =>
      isForeignStore(store)
        ? judged(`decided by the store "${store.kind}"`, 'choose')
        : judged('sealed', 'ok'),
  },
  {
    code: 'memory-in-production',
    setting: 'store',
    recommended: 'a store that survives a restart and that all processes share',
    why: 'memoryStore() loses all sessions and tombstones at a restart, and each process has its own sessions',
    remedy: 'use typeOrmStore()',
    source: 'OWASP session sheet (repository)',
    judge: ({ options: { store }, environment }) => {
      if (isCookieStore(store)) return undefined;
      return judged(store.kind, store.kind === 'memory' && environment.production ? 'weak' : 'ok');
    },
  },
  {
    code: 'lost-updates',
    setting: 'store',
    recommended: 'a store that compares versions',
    why: 'without versions one of two parallel requests loses its changes, and a late request can bring back an ended session',
    remedy: 'use typeOrmStore(), or a store whose replace() and move() compare the version',
    source: 'PHP session.security (locking)',
    judge: ({ options: { store } }) => {
      if (!('guarded' in store)) return undefined;
      return store.guarded ? judged('compares versions', 'ok') : judged('does not compare versions', 'weak');
    },
  },
  {
    code: 'store-down',
    setting: 'session.onStoreDown',
    recommended: "'fail'",
    why: "with 'anonymous' everybody is logged out while the store is down, and every page must cope with that",
    remedy: 'remove session.onStoreDown',
    source: 'ASVS chapter 16 (fail securely)',
    judge: ({ options: { onStoreDown, store } }) =>
      keepsNothing(store) ? undefined : judged(onStoreDown, onStoreDown === 'fail' ? 'ok' : 'choose'),
  },
  {
    code: 'no-prune',
    setting: 'prune',
    recommended: 'a timer, and probability 0',
    why: 'an expired session never opens again, but its row and the copies of it remain until it is removed',
    remedy: 'remove prune (every 300 s), or run a job that calls SessionService.prune()',
    source: 'PHP session.gc_probability, PHP session.gc_divisor, ASVS chapter 14 (retention)',
    judge: ({ options: { prune, store } }) => {
      if (keepsNothing(store)) return undefined;
      if (prune.interval) return judged(`every ${prune.interval} s`, 'ok');
      return prune.probability ? judged('after some requests', 'choose') : judged('never', 'weak');
    },
  },
  {
    code: 'two-ways-to-prune',
    setting: 'prune.probability',
    recommended: '0 if there is a timer',
    why: 'the timer and the probability both remove expired sessions; one is enough, and the timer makes no visitor wait',
    remedy: 'remove prune.probability',
    source: 'PHP session.gc_probability',
    judge: ({ options: { prune, store } }) => {
      if (keepsNothing(store)) return undefined;
      const both = prune.interval > 0 && prune.probability > 0;
      return judged(both ? 'both' : 'one', both ? 'choose' : 'ok');
    },
  },
  {
    code: 'cache-limiter',
    setting: 'cache.limiter',
    recommended: "'nocache'",
    why: "a cache must not show one visitor's page to the next, and nobody should find it on the disk of a shared computer",
    remedy: 'remove cache.limiter, and use @CacheLimiter() on the routes that may be cached',
    source:
      'PHP session.cache_limiter, PHP session.cache_expire, ASVS 14.3.2, ASVS 14.2.2, OWASP session sheet (Web Content Caching)',
    judge: ({ options: { cache } }) => {
      if (cache.limiter === 'nocache') return judged('nocache', 'ok');
      return judged(cache.limiter, cache.limiter.startsWith('private') ? 'choose' : 'weak');
    },
  },
];
