import type { OwnHosts } from './own-hosts.js';
import type { ScannedTag } from './tag-scanner.js';

/** Policies by which a foreign host learns no more of a page's address than its origin, with the old names that `<meta>`
 *  has for them (Referrer Policy §3). All others, known or not, tell it the whole. */
const DISCREET: ReadonlySet<string> = new Set([
  '', 'no-referrer', 'same-origin', 'origin', 'strict-origin', 'origin-when-cross-origin', 'strict-origin-when-cross-origin',
  'never', 'default', 'origin-when-crossorigin',
]); // prettier-ignore

/** An attribute that tells an address with the id in it to another host. */
export interface Disclosure {
  readonly name: string;
  /** What it has to say instead. */
  readonly value: string;
}

/** What a tag tells to others whatever the head of the page says: a referrer policy of its own, and who hears of a click
 *  (HTML §4.6.6, `Ping-To` and `Ping-From`). */
export function disclosuresOf(tag: ScannedTag, hosts: OwnHosts): readonly Disclosure[] {
  let found: Disclosure[] | undefined;
  for (const { name, value } of tag.attrs) {
    const instead = DISCLOSING[name]?.(value, hosts, tag);
    if (instead !== undefined) (found ??= []).push({ name, value: instead });
  }
  return found ?? NONE;
}

const NONE: readonly Disclosure[] = [];

type Instead = (value: string, hosts: OwnHosts, tag: ScannedTag) => string | undefined;

const policy: Instead = (value) => (DISCREET.has(value.toLowerCase()) ? undefined : 'same-origin');

/** One row an attribute; `undefined` where it tells nothing. */
const DISCLOSING: Readonly<Record<string, Instead | undefined>> = {
  __proto__: null as never,
  referrerpolicy: policy,
  content: (value, hosts, tag) => (isReferrerMeta(tag) ? policy(value, hosts, tag) : undefined),
  ping: (value, hosts) => (addressesOf(value).every((address) => hosts.isOwn(address)) ? undefined : ''),
};

const isReferrerMeta = ({ tagName, attrs }: ScannedTag): boolean =>
  tagName === 'meta' &&
  attrs.some(({ name, value }) => name === 'name' && value.toLowerCase() === 'referrer');

const addressesOf = (list: string): string[] => list.split(/[\t\n\f\r ]+/).filter(Boolean);
