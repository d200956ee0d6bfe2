import { describe, expect, it } from 'vitest';
import { ApacheEnvelope, fromApacheDirectives } from 'nestjs-session-crypto/apache';
import { DRIVER_ROWS } from '../../lib/crypto/drivers/driver-rows.js';
import { startCounter } from '../support/count-app.js';

const PASSPHRASE = 'a passphrase that httpd has';
const CIPHERS = ['3des192', 'aes128', 'aes192', 'aes256'] as const;

/** The drivers of `SessionCryptoDriver`, and why one of them cannot be had here. */
const drivers = await Promise.all(
  ['openssl', 'nss'].map(async (name) => {
    const missing = await DRIVER_ROWS.find((row) => row.name === name)!.missing();
    return { name, missing, title: missing ? `${name} (skipped: ${missing})` : name };
  }),
);

describe.each(drivers)('SessionCryptoDriver $title', ({ name, missing }) => {
  it.skipIf(missing).each(CIPHERS)('seals and opens sessions of %s as httpd does', async (cipher) => {
    const app = await startCounter(
      fromApacheDirectives(
        `Session On\nSessionCookieName session path=/\nSessionCryptoPassphrase "${PASSPHRASE}"\n` +
          `SessionCryptoCipher ${cipher}\nSessionCryptoDriver ${name}`,
      ),
    );
    const httpd = new ApacheEnvelope({ secrets: [PASSPHRASE], cipher });
    const visitor = app.visitor();
    visitor.jar.set('session', await httpd.seal('count=41'));
    expect((await visitor.get('/')).text).toBe('42');
    expect((await httpd.open(visitor.jar.get('session')!))!.plaintext.toString()).toContain('count=42');
    expect((await visitor.get('/')).text).toBe('43');
  });
});
