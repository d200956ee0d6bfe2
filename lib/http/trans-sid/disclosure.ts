/** Attributes that would send the URL of a page, with the id in it, to another host. */
import type { OwnHosts } from './own-hosts.js';
import type { ScannedTag } from './tag-scanner.js';

/** Referrer policies that send a foreign host at most the page's origin, with the old names that `<meta>` accepts for
 *  them (Referrer Policy §3). Every other policy, also an unknown one, may send the whole URL. */
const SAFE_POLICIES: ReadonlySet<string> = new Set([
  '', 'no-referrer', 'same-origin', 'origin', 'strict-origin', 'origin-when-cross-origin', 'strict-origin-when-cross-origin',
  'never', 'default', 'origin-when-crossorigin',
]); // prettier-ignore

/** An attribute that would send the page's URL to another host. */
export interface Disclosure {
  readonly name: string;
  /** The safe value that replaces it. */
  readonly value: string;
}

/** Returns the attributes of a tag that would disclose the page's URL although the head sends `Referrer-Policy`: a policy
 *  of the tag's own, and `ping`, which reports clicks with the headers `Ping-To` and `Ping-From` (HTML §4.6.6). */
export function disclosuresOf(tag: ScannedTag, hosts: OwnHosts): readonly Disclosure[] {
  let found: Disclosure[] | undefined;
  for (const { name, value } of tag.attrs) {
    const safe = SAFE_VALUES[name]?.(value, hosts, tag);
    if (safe !== undefined) (found ??= []).push({ name, value: safe });
  }
  return found ?? NONE;
}

const NONE: readonly Disclosure[] = [];

/** Returns the value to write instead, or `undefined` if the attribute discloses nothing. */
type SafeValue = (value: string, hosts: OwnHosts, tag: ScannedTag) => string | undefined;

const policy: SafeValue = (value) => (SAFE_POLICIES.has(value.toLowerCase()) ? undefined : 'same-origin');

/** One row for each attribute. */
const SAFE_VALUES: Readonly<Record<string, SafeValue | undefined>> = {
  __proto__: null as never,
  referrerpolicy: policy,
  content: (value, hosts, tag) => (isReferrerMeta(tag) ? policy(value, hosts, tag) : undefined),
  ping: (value, hosts) => (urlsOf(value).every((url) => hosts.isOwn(url)) ? undefined : ''),
};

const isReferrerMeta = ({ tagName, attrs }: ScannedTag): boolean =>
  tagName === 'meta' &&
  attrs.some(({ name, value }) => name === 'name' && value.toLowerCase() === 'referrer');

const urlsOf = (list: string): string[] => list.split(/[\t\n\f\r ]+/).filter(Boolean);
