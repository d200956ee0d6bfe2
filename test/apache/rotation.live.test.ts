import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApacheEnvelope } from '../../lib/apache/index.js';
import { echo } from './support/echo.js';
import { startHttpd, type Httpd } from './support/httpd.mjs';
import { live } from './support/live.js';
import { Visitor } from '../support/visitor.js';

/** Newest first, as both sides list them. */
const KEYS = ['the newest passphrase', 'the passphrase before', 'the oldest passphrase'];
const PLACES = [0, 1, 2];
const TEXT = 'name=ada&n=1';

const quoted = (keys: readonly string[]) => keys.map((key) => `"${key}"`).join(' ');
const envelopeOf = (...secrets: string[]) => new ApacheEnvelope({ cipher: 'aes256', secrets });

describe.skipIf(!live)('three passphrases', () => {
  const ring = envelopeOf(...KEYS);
  let httpd: Httpd;

  beforeAll(async () => {
    const alone = KEYS.map(
      (key, i) => `<Location /only-${i}>\nSessionCryptoPassphrase "${key}"\n</Location>`,
    );
    const config = `${echo.config}
Session On
SessionCookieName session path=/
SessionCryptoPassphrase ${quoted(KEYS)}
${alone.join('\n')}`;
    httpd = await startHttpd({ ...echo, config });
  });
  afterAll(() => httpd.stop());

  it.each(PLACES)('open here what httpd sealed with number %i', async (place) => {
    const visitor = new Visitor(httpd.url);
    await visitor.post(`/only-${place}/echo`, TEXT);
    const opened = await ring.open(visitor.jar.get('session')!);
    expect(opened).toMatchObject({ index: place, plaintext: Buffer.from(TEXT) });
  });

  it.each(PLACES)('open at httpd what was sealed here with number %i', async (place) => {
    const visitor = new Visitor(httpd.url);
    visitor.jar.set('session', await envelopeOf(KEYS[place]!).seal(TEXT));
    expect((await visitor.get('/echo')).text).toBe(TEXT);
  });

  it.each(PLACES)('seal with the first, at httpd, what number %i had sealed here', async (place) => {
    const visitor = new Visitor(httpd.url);
    visitor.jar.set('session', await envelopeOf(KEYS[place]!).seal(TEXT));
    await visitor.post('/echo', 'n=2');
    const opened = await envelopeOf(KEYS[0]!).open(visitor.jar.get('session')!);
    expect(opened?.plaintext.toString()).toBe('name=ada&n=2');
  });

  it.each(PLACES)('seal with the first, here, what number %i had sealed at httpd', async (place) => {
    const visitor = new Visitor(httpd.url);
    await visitor.post(`/only-${place}/echo`, TEXT);
    const { plaintext } = (await ring.open(visitor.jar.get('session')!))!;
    visitor.jar.set('session', await ring.seal(plaintext.toString()));
    expect((await visitor.get('/only-0/echo')).text).toBe(TEXT);
  });

  it('do not open what a fourth sealed, on either side', async () => {
    const visitor = new Visitor(httpd.url);
    const sealed = await envelopeOf('a passphrase long gone').seal(TEXT);
    visitor.jar.set('session', sealed);
    expect(await ring.open(sealed)).toBeUndefined();
    expect(await visitor.get('/echo')).toMatchObject({ status: 200, text: '', cookies: [] });
  });
});
