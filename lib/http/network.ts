import { isIPv4, isIPv6 } from 'node:net';

const MAPPED = '::ffff:';
const GROUPS = 8;

/** Returns the network of an address: 24 bits of IPv4, 48 bits of IPv6, as `192.0.2.0/24` or `2001:db8:1::/48`; `undefined` for
 *  what is no address. */
export function networkOf(address: string | undefined): string | undefined {
  const [plain = ''] = (address ?? '').split('%', 1);
  const mapped = plain.toLowerCase().startsWith(MAPPED) ? plain.slice(MAPPED.length) : plain;
  if (isIPv4(mapped)) return `${mapped.split('.').slice(0, 3).join('.')}.0/24`;
  return isIPv6(plain) ? `${groupsOf(plain).slice(0, 3).join(':')}::/48` : undefined;
}

/** The groups of an IPv6 address, with those that `::` stands for. */
function groupsOf(address: string): string[] {
  const [head = [], tail = []] = address.split('::').map((part) => (part ? part.split(':') : []));
  const zeros = Array<string>(Math.max(0, GROUPS - head.length - tail.length)).fill('0');
  return [...head, ...zeros, ...tail].map((group) => Number.parseInt(group, 16).toString(16));
}
