import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { echo } from './support/echo.js';
import { startHttpd, type Httpd } from './support/httpd.mjs';
import { leftOut, live } from './support/live.js';
import { Visitor } from '../support/visitor.js';

if (!live) console.log(leftOut);

describe.skipIf(!live)('httpd as these tests start it', () => {
  const config = (passphrase: string) => `${echo.config}
Session On
SessionCookieName session path=/
SessionCryptoPassphrase ${passphrase}`;
  let httpd: Httpd;

  beforeAll(async () => {
    httpd = await startHttpd({ ...echo, config: config('first') });
  });
  afterAll(() => httpd.stop());

  it('shows the backend the session of the request before', async () => {
    const visitor = new Visitor(httpd.url);
    const { cookies } = await visitor.post('/echo', 'name=ada&name=bob&x=1%202');
    expect(cookies).toEqual([expect.stringMatching(/^session=[A-Za-z0-9+/]+={0,2};path=\/$/)]);
    expect((await visitor.get('/echo')).text).toBe('name=bob&x=1+2');
  });

  it('forgets sessions when reloaded with another passphrase', async () => {
    const visitor = new Visitor(httpd.url);
    await visitor.post('/echo', 'name=ada');
    await httpd.reload(config('second'));
    expect((await visitor.get('/echo')).text).toBe('');
    expect(httpd.errorLog()).toContain('AH01842');
  });

  it('says why it does not start', async () => {
    await expect(startHttpd({ config: 'SessionCryptoDigest sha1' })).rejects.toThrow('SessionCryptoDigest');
  });

  it('leaves no process and no folder when it is stopped', async () => {
    const other = await startHttpd({ config: '' });
    await other.stop();
    expect(existsSync(other.root)).toBe(false);
    expect(() => process.kill(other.pid, 0)).toThrow('ESRCH');
    await expect(fetch(other.url)).rejects.toThrow();
  });
});
