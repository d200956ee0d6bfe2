import { describe, expect, it } from 'vitest';
import { createSealer } from 'nestjs-session-crypto';
import { SODIUM } from '../../../../../lib/crypto/drivers/sodium/sodium.row.js';

const secrets = [`hex:${'11'.repeat(16)}${'22'.repeat(16)}`];

describe('The driver "sodium" in the options', () => {
  it.each([{}, { library: 'native' }, { library: 'wasm' }])(
    'seals and opens with %j',
    async (driverParams) => {
      const sealer = await createSealer({ driver: 'sodium', driverParams, cipher: 'chacha20', secrets });
      expect((await sealer.open(await sealer.seal('text'))).toString()).toBe('text');
      await sealer.close();
    },
  );

  it('lists the libraries if another is named', async () => {
    const sealer = createSealer({
      driver: 'sodium',
      driverParams: { library: 'openssl' },
      cipher: 'chacha20',
      secrets,
    });
    await expect(sealer).rejects.toThrow(
      'crypto.driverParams.library: is "openssl"; allowed are native and wasm',
    );
  });

  it('names its cipher if another is configured, or none', async () => {
    const sealer = createSealer({ driver: 'sodium', secrets });
    await expect(sealer).rejects.toThrow(
      'crypto.cipher: "aes256", the default, is unknown to driver "sodium"; set crypto.cipher to chacha20',
    );
    const named = createSealer({ driver: 'sodium', secrets, cipher: 'aes256' });
    await expect(named).rejects.toThrow('"aes256" is unknown to driver "sodium"; it has chacha20');
  });

  it('lacks nothing if one of its packages is installed', async () => {
    expect(await SODIUM.missing()).toBeUndefined();
  });
});
