import { isCookieStore, isForeignStore } from '../store-kind.js';
import type { ResolvedOptions } from '../resolved-options.interface.js';
import type { AuditRule, Judgement } from './audit.interface.js';

type Store = ResolvedOptions['store'];

/** The same for a cookie that is said to be replayable, and one that is not. */
const inCookie = (store: Store): Judgement | undefined => {
  if (!isCookieStore(store)) return undefined;
  return store.options.acceptReplay
    ? { value: 'in the cookie, replay accepted', verdict: 'choose' }
    : { value: 'in the cookie', verdict: 'weak' };
};

const onServer = (store: Store): boolean => !isCookieStore(store) && !isForeignStore(store);

/** Where sessions wait, what removes them, and what caches keep. */
export const STORE_RULES: readonly AuditRule[] = [
  {
    code: 'replayable',
    setting: 'store',
    recommended: 'a store on the server',
    why: 'a copied cookie works until its sealed clocks end it, also after logout',
    remedy: 'typeOrmStore(), or say cookieStore({ acceptReplay: true }) and keep the timeouts short',
    sharedRemedy:
      'a store that the other server shares (with httpd dbdStore()), or cookieStore({ acceptReplay: true }) and short timeouts',
    source: 'ASVS 7.4.1, OWASP session sheet (Session Expiration)',
    judge: ({ options: { store } }) => inCookie(store) ?? { value: store.kind, verdict: 'ok' },
  },
  {
    code: 'no-revocation',
    setting: 'store',
    recommended: 'a store that can list and end the sessions of a user',
    why: 'when an account is closed or robbed, all its sessions have to end, and users should see theirs',
    remedy: 'typeOrmStore(), whose sessions SessionService.list() and revokeSubject() reach',
    sharedRemedy:
      'nothing while the form is shared; when the other server is gone, lead its sessions over to typeOrmStore() (crypto.accept)',
    source: 'ASVS 7.4.2, ASVS 7.4.3, ASVS 7.4.5, ASVS 7.5.2, PHP session.security (active sessions)',
    judge: ({ options: { store } }) => {
      const cookie = inCookie(store);
      if (cookie) return { ...cookie, value: 'only all at once, by a new secret' };
      if (isForeignStore(store)) return { value: `"${store.kind}" lists none`, verdict: 'weak' };
      const can = 'list' in store && store.list && store.destroySubject;
      return can
        ? { value: 'by user', verdict: 'ok' }
        : { value: `"${store.kind}" lists none`, verdict: 'weak' };
    },
  },
  {
    code: 'replayable-origin',
    setting: 'crypto.accept',
    recommended: 'a store on the server while sessions are led over',
    why: 'sessions that are led over can be brought again until they end, since nothing remembers them',
    remedy: 'use typeOrmStore() for the time, or keep until near',
    source: 'ASVS 7.4.1',
    judge: ({ options: { store, crypto } }) => {
      if (!crypto.accept.length) return undefined;
      return isCookieStore(store)
        ? { value: 'not remembered', verdict: 'weak' }
        : { value: 'remembered', verdict: 'ok' };
    },
  },
  {
    code: 'rows-at-rest',
    setting: 'store',
    recommended: 'nothing readable where sessions wait',
    why: 'who reads the files or the table, or a copy of them, must not read or take sessions',
    remedy: 'keep sessions in a store of ours: rows are sealed, and ids stand there hashed',
    source: 'PHP session.save_path, OWASP session sheet (repository), ASVS 14.2.4',
    judge: ({ options: { store } }) =>
      isForeignStore(store)
        ? { value: `as "${store.kind}" keeps them`, verdict: 'choose' }
        : { value: 'sealed', verdict: 'ok' },
  },
  {
    code: 'memory-in-production',
    setting: 'store',
    recommended: 'a store that outlives the process and serves all of them',
    why: 'memoryStore() forgets all sessions at a restart, among them which have ended, and is one for each process',
    remedy: 'typeOrmStore()',
    source: 'OWASP session sheet (repository)',
    judge: ({ options: { store }, environment }) => {
      if (isCookieStore(store)) return undefined;
      const isForgetful = store.kind === 'memory' && environment.production;
      return { value: store.kind, verdict: isForgetful ? 'weak' : 'ok' };
    },
  },
  {
    code: 'lost-updates',
    setting: 'store',
    recommended: 'a store that is guarded by versions',
    why: 'without, of two requests that come together one loses what it wrote, and a late one brings back what has ended',
    remedy: 'typeOrmStore(), or a store whose replace() and move() compare the version',
    source: 'PHP session.security (locking)',
    judge: ({ options: { store } }) => {
      if (!('guarded' in store)) return undefined;
      return store.guarded ? { value: 'guarded', verdict: 'ok' } : { value: 'not guarded', verdict: 'weak' };
    },
  },
  {
    code: 'store-down',
    setting: 'session.onStoreDown',
    recommended: "'fail'",
    why: 'with "anonymous" everybody is logged out for as long as the store does not answer, and pages must bear that',
    remedy: 'take session.onStoreDown away',
    source: 'ASVS chapter 16 (fail securely)',
    judge: ({ options: { onStoreDown, store } }) =>
      isCookieStore(store)
        ? undefined
        : { value: onStoreDown, verdict: onStoreDown === 'fail' ? 'ok' : 'choose' },
  },
  {
    code: 'no-prune',
    setting: 'prune',
    recommended: 'a timer, and probability 0',
    why: 'what has expired never opens again, but stays in the table, and in its copies, until it is removed',
    remedy: 'leave prune out (every 300 s), or remove by a job of your own: SessionService.prune()',
    source: 'PHP session.gc_probability, PHP session.gc_divisor, ASVS chapter 14 (retention)',
    judge: ({ options: { prune, store } }) => {
      if (isCookieStore(store)) return undefined;
      if (prune.interval) return { value: `every ${prune.interval} s`, verdict: 'ok' };
      return prune.probability
        ? { value: 'after some requests', verdict: 'choose' }
        : { value: 'never', verdict: 'weak' };
    },
  },
  {
    code: 'two-ways-to-prune',
    setting: 'prune.probability',
    recommended: '0 where there is a timer',
    why: 'the timer and the probability both remove what has expired; one is enough, and the timer makes no visitor wait',
    remedy: 'take prune.probability away',
    source: 'PHP session.gc_probability',
    judge: ({ options: { prune, store } }) => {
      if (!onServer(store) && !isForeignStore(store)) return undefined;
      const both = prune.interval > 0 && prune.probability > 0;
      return { value: both ? 'both' : 'one', verdict: both ? 'choose' : 'ok' };
    },
  },
  {
    code: 'cache-limiter',
    setting: 'cache.limiter',
    recommended: "'nocache'",
    why: 'a page that was made for one visitor must not be shown to the next, nor be read from the disk of a shared computer',
    remedy: 'take cache.limiter away, and say @CacheLimiter() on the routes that may be kept',
    source:
      'PHP session.cache_limiter, PHP session.cache_expire, ASVS 14.3.2, ASVS 14.2.2, OWASP session sheet (Web Content Caching)',
    judge: ({ options: { cache } }) => {
      if (cache.limiter === 'nocache') return { value: 'nocache', verdict: 'ok' };
      const isPrivate = cache.limiter.startsWith('private');
      return { value: cache.limiter, verdict: isPrivate ? 'choose' : 'weak' };
    },
  },
];
