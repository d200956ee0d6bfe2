import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApacheEnvelope } from '../../lib/apache/index.js';
import { echo } from './support/echo.js';
import { startHttpd, type Httpd } from './support/httpd.mjs';
import { live } from './support/live.js';
import { Visitor } from '../support/visitor.js';

const CIPHERS = ['3des192', 'aes128', 'aes192', 'aes256'] as const;
const SECRET = 'a passphrase of the cookie tests';
const TEXT = 'name=ada&greeting=gr%c3%bc%c3%9fe+%26+more&bytes=%ff%01%fe';

const locationOf = (cipher: string) => `<Location /${cipher}>
Session On
SessionCookieName session path=/
SessionCryptoPassphrase "${SECRET}"
SessionCryptoCipher ${cipher}
</Location>`;

const TWO_MAX_AGES = `<Location /ages>
Session On
SessionMaxAge 600
SessionCookieName session path=/;Max-Age=60
SessionCryptoPassphrase "${SECRET}"
</Location>`;

const TWO_NAMES = `<Location /names>
Session On
SessionCookieName session path=/
SessionCookieName2 other path=/
SessionCryptoPassphrase "${SECRET}"
</Location>`;

let httpd: Httpd;

beforeAll(async () => {
  if (!live) return;
  const config = [
    echo.config,
    'LogLevel session_crypto:debug',
    ...CIPHERS.map(locationOf),
    TWO_MAX_AGES,
    TWO_NAMES,
  ].join('\n');
  httpd = await startHttpd({ ...echo, config });
});
afterAll(() => httpd?.stop());

describe.skipIf(!live).each(CIPHERS)('a cookie session under %s', (cipher) => {
  const envelope = new ApacheEnvelope({ cipher, secrets: [SECRET] });
  const url = () => `${httpd.url}/${cipher}/echo`;

  it('that httpd sealed is opened here', async () => {
    const visitor = new Visitor(httpd.url);
    await visitor.post(url(), TEXT);
    const opened = await envelope.open(visitor.jar.get('session')!);
    expect(opened).toMatchObject({ index: 0, plaintext: Buffer.from(TEXT) });
  });

  it('that was sealed here is shown by httpd to its backend', async () => {
    const visitor = new Visitor(httpd.url);
    visitor.jar.set('session', await envelope.seal(TEXT));
    expect((await visitor.get(url())).text).toBe(TEXT);
  });

  it('goes there and back, changed on both sides', async () => {
    const visitor = new Visitor(httpd.url);
    visitor.jar.set('session', await envelope.seal('name=ada&step=1'));
    await visitor.post(url(), 'step=2&there=yes');
    const { plaintext } = (await envelope.open(visitor.jar.get('session')!))!;
    expect(plaintext.toString()).toBe('name=ada&step=2&there=yes');
    visitor.jar.set('session', await envelope.seal(`${plaintext.toString()}&back=yes`));
    expect((await visitor.get(url())).text).toBe('name=ada&step=2&there=yes&back=yes');
  });

  it('is nothing to either side when a bit of it is flipped', async () => {
    const visitor = new Visitor(httpd.url);
    for (const place of [0, 8, 24, 47]) {
      const bytes = Buffer.from(await envelope.seal(TEXT), 'base64');
      bytes[place]! ^= 1;
      const forged = bytes.toString('base64');
      visitor.jar.set('session', forged);
      expect(await envelope.open(forged)).toBeUndefined();
      expect(await visitor.get(url())).toMatchObject({ status: 200, text: '' });
    }
  });
});

describe.skipIf(!live)('a cookie with a Max-Age of its own beside SessionMaxAge', () => {
  it('has its own one last, which browsers take', async () => {
    const { cookies } = await new Visitor(httpd.url).post(`${httpd.url}/ages/echo`, TEXT);
    expect(cookies[0]).toMatch(/;Max-Age=600;path=\/;Max-Age=60$/);
  });
});

describe.skipIf(!live)('a cookie with another name for Set-Cookie2', () => {
  it('is sent, and not read again', async () => {
    const visitor = new Visitor(httpd.url);
    await visitor.post(`${httpd.url}/names/echo`, TEXT);
    expect([...visitor.jar.keys()]).toEqual(['session']);
    expect((await visitor.get(`${httpd.url}/names/echo`)).text).toBe('');
    visitor.jar.set('other', visitor.jar.get('session')!);
    expect((await visitor.get(`${httpd.url}/names/echo`)).text).toBe(TEXT);
  });
});
