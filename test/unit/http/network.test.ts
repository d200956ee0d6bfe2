import { describe, expect, it } from 'vitest';
import { networkOf } from '../../../lib/http/network.js';

describe('networkOf', () => {
  it.each([
    ['192.0.2.77', '192.0.2.0/24'],
    ['::ffff:192.0.2.77', '192.0.2.0/24'],
    ['::FFFF:192.0.2.77', '192.0.2.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1::/48'],
    ['2001:db8::1', '2001:db8:0::/48'],
    ['::1', '0:0:0::/48'],
    ['::', '0:0:0::/48'],
    ['::2:3:4:5:6:7:8', '0:2:3::/48'],
    ['fe80::1%eth0', 'fe80:0:0::/48'],
    ['unknown', undefined],
    ['192.0.2', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
