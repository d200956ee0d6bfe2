import { describe, expect, it } from 'vitest';
import type { DriverParams } from '../../../../../lib/crypto/drivers/driver-row.interface.js';
import { NSS } from '../../../../../lib/crypto/drivers/nss/nss.row.js';

describe('the parameters of driver nss', () => {
  it('are those of httpd, and two of ours', () => {
    const names = ['dir', 'key3', 'cert7', 'secmod', 'noinit', 'readwrite', 'library'];
    expect(NSS.params.map(({ name }) => name)).toEqual(names);
  });

  it('refuse database parameters without a database', () => {
    const faults = NSS.check!({ key3: 'app-', readwrite: true, library: 'libnss3.so' }, 'native');
    expect(faults.map(({ param }) => param)).toEqual(['key3', 'readwrite']);
    for (const { message } of faults)
      expect(message).toMatch(/crypto\.driverParams\.dir to its folder, or remove this/);
  });

  it.each<{ what: string; params: DriverParams }>([
    { what: 'with dir', params: { dir: '/etc/nss', key3: 'app-', cert7: 'app-', secmod: 'secmod.db' } },
    { what: 'with noinit, where they have no meaning', params: { noinit: true, key3: 'app-' } },
    { what: 'when there are none', params: {} },
  ])('are right $what', ({ params }) => {
    expect(NSS.check!(params, 'native')).toEqual([]);
  });
});
