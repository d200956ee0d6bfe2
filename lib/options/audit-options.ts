import type { AuditFinding } from '../session/index.js';
import type { SessionCryptoOptions } from './options.interface.js';
import type { ResolvedOptions } from './resolved-options.interface.js';
import { isCookieStore, resolveOptions } from './resolve-options.js';

/** What works and could be safer, the most dangerous first. Throws a SessionConfigError where the options are wrong. */
export function auditOptions(options: SessionCryptoOptions): AuditFinding[] {
  const resolved = resolveOptions(options);
  const contexts = resolved.contexts.flatMap((context, i) => auditSet(`contexts[${i}].`, context.options));
  const base = auditSet('', resolved);
  const isNew = ({ code, message, path }: AuditFinding) =>
    !base.some((one) => one.code === code && one.message === message && path.endsWith(one.path));
  return [...base, ...contexts.filter(isNew)].toSorted((a, b) => RANK[a.level] - RANK[b.level]);
}

const RANK = { danger: 0, warning: 1, info: 2 };

function auditSet(at: string, options: ResolvedOptions): AuditFinding[] {
  const { format, accept } = options.crypto;
  return [
    ...(format?.audit?.(`${at}crypto.format`) ?? []),
    ...accept.flatMap((one, i) => one.audit?.(`${at}crypto.accept[${i}]`) ?? []),
    ...RULES.flatMap(({ level, code, path, applies, message }) =>
      applies(options) ? { level, code, path: at + path, message } : [],
    ),
  ];
}

interface Rule extends AuditFinding {
  applies(options: ResolvedOptions): boolean;
}

/** One row a weakness. */
const RULES: readonly Rule[] = [
  {
    level: 'warning',
    code: 'replayable',
    path: 'store',
    message:
      'a copied cookie works until its sealed clocks end it, also after logout; keep sessions on the server, or say cookieStore({ acceptReplay: true })',
    applies: ({ store }) => isCookieStore(store) && !store.options.acceptReplay,
  },
  {
    level: 'warning',
    code: 'replayable-origin',
    path: 'crypto.accept',
    message: 'sessions that are led over can be brought again until they end, since nothing remembers them',
    applies: ({ store, crypto }) => crypto.accept.length > 0 && isCookieStore(store),
  },
  {
    level: 'warning',
    code: 'no-idle-timeout',
    path: 'session.idleTimeout',
    message: 'a session that nobody uses never ends',
    applies: ({ timeouts }) => !timeouts.idleTimeout,
  },
  {
    level: 'warning',
    code: 'no-absolute-timeout',
    path: 'session.absoluteTimeout',
    message: 'a session that is used never ends, nor does a stolen one',
    applies: ({ timeouts }) => !timeouts.absoluteTimeout,
  },
  {
    level: 'danger',
    code: 'script-readable-cookie',
    path: 'cookie.httpOnly',
    message: 'scripts of the page can read the cookie',
    applies: ({ cookies }) => !/; HttpOnly/.test((cookies.secure ?? cookies.plain)!.set('')),
  },
  {
    level: 'danger',
    code: 'plain-cookie',
    path: 'cookie.secure',
    message: 'the cookie is sent over plain connections',
    applies: ({ cookies }) => cookies.plain !== undefined && !cookies.plainOnLoopbackOnly,
  },
  {
    level: 'warning',
    code: 'cross-site-cookie',
    path: 'cookie.sameSite',
    message: 'requests that other sites make carry the cookie',
    applies: ({ cookies }) => /; SameSite=None/.test(cookies.secure?.set('') ?? ''),
  },
];
