import { describe, expect, it } from 'vitest';
import { ApacheEnvelope, fromApacheDirectives } from 'nestjs-session-crypto/apache';
import { DRIVER_ROWS } from '../../lib/crypto/drivers/driver-rows.js';
import { startApp } from '../support/count-app.js';

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
    const app = await startApp(
      fromApacheDirectives(
        `Session On\nSessionCookieName session path=/\nSessionCryptoPassphrase "${PASSPHRASE}"\n` +
          `SessionCryptoCipher ${cipher}\nSessionCryptoDriver ${name}`,
      ),
    );
    const httpd = new ApacheEnvelope({ secrets: [PASSPHRASE], cipher });
    const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
    const ask = (value: string) => fetch(url, { headers: { cookie: `session=${value}` } });
    const theirs = await ask(await httpd.seal('count=41'));
    const [, ours] = /^session=([^;]*)/.exec(theirs.headers.getSetCookie()[0]!)!;
    expect(await theirs.text()).toBe('42');
    expect((await httpd.open(ours!))!.plaintext.toString()).toContain('count=42');
    expect(await (await ask(ours!)).text()).toBe('43');
    await app.close();
  });
});
