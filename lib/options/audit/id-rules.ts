import type { ForeignStore, PhpIdFormat } from '../../persistence/foreign-store.interface.js';
import { isCookieStore, isForeignStore } from '../store-kind.js';
import { judged, type AuditRule, type Judgement } from './audit.interface.js';

/** The random bits of a native session id. */
const NATIVE_ID_BITS = 256;
/** The id sources that a link or a form of another site can fill. */
const PAGE_SOURCES = ['query', 'body'];

/** Rules about the places where ids travel, and about the ids. */
export const ID_RULES: readonly AuditRule[] = [
  {
    code: 'id-sources',
    setting: 'id.sources',
    recommended: "['cookie']",
    why: 'an id in a URL appears in logs, histories and Referer headers, and a link can plant it on a victim; scripts can read an id in a header or a form',
    remedy: 'remove id.sources; for clients without cookies use "header" alone, never "query"',
    source:
      'PHP session.use_cookies, PHP session.use_only_cookies, ASVS 14.2.1, ASVS 3.3.4, OWASP session sheet (Exchange Mechanisms)',
    judge: ({ options: { id } }) => {
      const value = id.sources.join(', ');
      if (value === 'cookie') return judged(value, 'ok');
      return judged(value, id.sources.some((one) => PAGE_SOURCES.includes(one)) ? 'weak' : 'choose');
    },
  },
  {
    code: 'trans-sid',
    setting: 'id.transSid',
    recommended: 'off',
    why: 'every link of a page contains the id, so a copied address, a saved page or a script from another host reveals the session',
    remedy: 'remove id.transSid, and require cookies for logins',
    source: 'PHP session.use_trans_sid, PHP session.trans_sid_tags, PHP session.trans_sid_hosts, ASVS 14.2.1',
    judge: ({ options: { id } }) => {
      if (!id.transSid) return judged('off', 'ok');
      const { hosts } = id.transSid;
      return judged(hosts.length ? `on, for ${hosts.join(', ')}` : 'on', 'weak');
    },
  },
  {
    code: 'referer-check',
    setting: 'id.refererCheck',
    recommended: 'none, or whole origins',
    why: "a link on another site can carry an id in the query or a form, so that a visitor uses an attacker's session",
    remedy: 'remove id.refererCheck: without it only pages of our own origin may send ids',
    source: 'PHP session.referer_check',
    judge: ({ options: { id } }) =>
      id.sources.some((one) => PAGE_SOURCES.includes(one)) ? judgeReferer(id.referer) : undefined,
  },
  {
    code: 'strict-mode',
    setting: 'session id',
    recommended: 'only ids that this package made',
    why: 'an id that a stranger planted must not become a session (fixation)',
    remedy: 'nothing to do: an id that this package did not make opens nothing and is never adopted',
    source:
      'PHP session.use_strict_mode, ASVS 7.2.1, ASVS 7.2.2, OWASP session sheet (Permissive and Strict)',
    judge: ({ options: { store } }) =>
      isForeignStore(store) && store.identify
        ? judged('found by the user, not by an id', 'choose')
        : judged('only our own ids', 'ok'),
  },
  {
    code: 'id-length',
    setting: 'session id',
    recommended: 'at least 128 random bits',
    why: 'nobody must be able to guess an id; a UUID has 122 random bits, which ASVS 11.5.1 does not accept',
    remedy: 'use a native store, whose ids have 256 random bits',
    sharedRemedy:
      'set id.length: 48 and id.bitsPerCharacter: 6 (PHP: session.sid_length = 48, session.sid_bits_per_character = 6); when the other program no longer runs, use a native store, whose ids have 256 random bits',
    source:
      'PHP session.sid_length, PHP session.sid_bits_per_character, ASVS 7.2.3, ASVS 11.5.1, OWASP session sheet (Session ID Length)',
    judge: ({ options: { store, id } }) => {
      if (isForeignStore(store)) return judgeForeignId(store, id);
      if (isCookieStore(store)) return judged('sealed, 128 bits', 'ok');
      const isShorter = id.length * id.bitsPerCharacter < NATIVE_ID_BITS;
      return judged(`256 bits${isShorter ? ', more than id.length asks for' : ''}`, 'ok');
    },
  },
  {
    code: 'id-characters',
    setting: 'id.length',
    recommended: '32 or more',
    why: "PHP's manual advises ids of 32 characters or more, because a longer id is harder to guess",
    remedy: 'set id.length to 32 or more, and session.sid_length in php.ini to the same number',
    source: 'PHP session.sid_length',
    judge: ({ options: { store, id } }) => {
      if (!isForeignStore(store) || !store.idBits) return undefined;
      return judged(`${id.length} characters`, id.length < ADVISED_CHARACTERS ? 'weak' : 'ok');
    },
  },
];

/** The least number of characters that PHP's manual advises for an id (session.configuration). */
const ADVISED_CHARACTERS = 32;

function judgeForeignId(store: ForeignStore, id: PhpIdFormat): Judgement {
  const bits = store.idBits?.(id);
  return bits ? judged(`${bits} bits`, 'ok') : judged(`made by the store "${store.kind}"`, 'choose');
}

function judgeReferer(check: { match: string } | undefined): Judgement {
  if (!check) return judged('our own origin', 'ok');
  if (check.match === 'substring') return judged('a text anywhere in the address', 'weak');
  return judged('origins', 'ok');
}
