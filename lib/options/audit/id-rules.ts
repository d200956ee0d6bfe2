import type { ForeignStore, PhpIdFormat } from '../../persistence/foreign-store.interface.js';
import { isCookieStore, isForeignStore } from '../store-kind.js';
import type { AuditRule, Judgement } from './audit.interface.js';

/** Random bits of our own references. */
const REFERENCE_BITS = 256;
const EXPOSED = ['query', 'body'];

/** Where ids come from, and what they are. */
export const ID_RULES: readonly AuditRule[] = [
  {
    code: 'id-sources',
    setting: 'id.sources',
    recommended: "['cookie']",
    why: 'an id in a URL stands in logs, histories and Referer headers, and can be sent to a victim; one in a header or a form is in the hands of scripts',
    remedy: 'take id.sources away; for clients without cookies choose "header" alone, never "query"',
    source:
      'PHP session.use_cookies, PHP session.use_only_cookies, ASVS 14.2.1, ASVS 3.3.4, OWASP session sheet (Exchange Mechanisms)',
    judge: ({ options: { id } }) => {
      const value = id.sources.join(', ');
      if (value === 'cookie') return { value, verdict: 'ok' };
      return { value, verdict: id.sources.some((one) => EXPOSED.includes(one)) ? 'weak' : 'choose' };
    },
  },
  {
    code: 'trans-sid',
    setting: 'id.transSid',
    recommended: 'off',
    why: 'the id stands in every link of a page, so that a copied address, a saved page or a script of another host gives the session away',
    remedy: 'take id.transSid away, and ask for cookies where somebody logs in',
    source: 'PHP session.use_trans_sid, PHP session.trans_sid_tags, PHP session.trans_sid_hosts, ASVS 14.2.1',
    judge: ({ options: { id } }) => {
      if (!id.transSid) return { value: 'off', verdict: 'ok' };
      const { hosts } = id.transSid;
      return { value: hosts.length ? `on, for ${hosts.join(', ')}` : 'on', verdict: 'weak' };
    },
  },
  {
    code: 'referer-check',
    setting: 'id.refererCheck',
    recommended: 'none, or origins',
    why: 'a link of another site can bring an id in the query or a form, so that a visitor uses the session of an attacker',
    remedy: 'take id.refererCheck away: without it only pages of our own origin may send ids',
    source: 'PHP session.referer_check',
    judge: ({ options: { id } }) =>
      id.sources.some((one) => EXPOSED.includes(one)) ? refererJudgement(id.referer) : undefined,
  },
  {
    code: 'strict-mode',
    setting: 'session id',
    recommended: 'only ids that we made',
    why: 'an id that a stranger planted must not become a session (fixation)',
    remedy: 'nothing to do: what we did not make opens nothing, and no id is ever adopted',
    source:
      'PHP session.use_strict_mode, ASVS 7.2.1, ASVS 7.2.2, OWASP session sheet (Permissive and Strict)',
    judge: ({ options: { store } }) =>
      isForeignStore(store) && store.identify
        ? { value: 'found by who asks', verdict: 'choose' }
        : { value: 'only ours', verdict: 'ok' },
  },
  {
    code: 'id-length',
    setting: 'session id',
    recommended: 'at least 128 random bits',
    why: 'an id must not be guessed; a UUID has 122 random bits, which ASVS 11.5.1 does not count as enough',
    remedy: 'keep sessions in a store of ours, whose references have 256 random bits',
    source:
      'PHP session.sid_length, PHP session.sid_bits_per_character, ASVS 7.2.3, ASVS 11.5.1, OWASP session sheet (Session ID Length)',
    judge: ({ options: { store, id } }) => {
      if (isForeignStore(store)) return foreignId(store, id);
      if (isCookieStore(store)) return { value: 'sealed, 128 bits', verdict: 'ok' };
      const isLess = id.length * id.bitsPerCharacter < REFERENCE_BITS;
      return { value: `256 bits${isLess ? ', already stronger than id.length' : ''}`, verdict: 'ok' };
    },
  },
];

function foreignId(store: ForeignStore, id: PhpIdFormat): Judgement {
  const bits = store.idBits?.(id);
  return bits
    ? { value: `${bits} bits`, verdict: 'ok' }
    : { value: `as "${store.kind}" makes them`, verdict: 'choose' };
}

function refererJudgement(check: { match: string } | undefined): Judgement {
  if (!check) return { value: 'our own origin', verdict: 'ok' };
  if (check.match === 'substring') return { value: 'a text anywhere in the address', verdict: 'weak' };
  return { value: 'origins', verdict: 'ok' };
}
