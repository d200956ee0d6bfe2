import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apache, ApacheEnvelope } from '../../lib/apache/index.js';
import { ScriptApp } from '../support/script-app.js';
import { echo } from './support/echo.js';
import { startHttpd, type Httpd } from './support/httpd.mjs';
import { live } from './support/live.js';
import { COOKIE, SharedBrowser } from './support/two-sides.js';

const PROGRAM = '#!/bin/sh\necho "key number $1 from a program"\n';

describe.skipIf(!live)('a passphrase file and a program that httpd and Nest read', () => {
  let httpd: Httpd;
  let nest: ScriptApp;
  let file: string;

  const write = (...words: string[]) => {
    writeFileSync(file, words.map((word) => `"${word}"\n`).join(''));
    chmodSync(file, 0o600);
  };
  const program = (n: number) => `exec:${httpd.root}/bin/secret.sh ${n}`;
  const browser = () => new SharedBrowser(httpd.url, nest.client());
  const openedWith = (secret: string, { jar }: SharedBrowser) =>
    new ApacheEnvelope({ secrets: [secret] }).open(jar.get(COOKIE)!);

  beforeAll(async () => {
    httpd = await startHttpd({
      ...echo,
      files: { ...echo.files, secrets: 'a-first-key\n', 'bin/secret.sh': PROGRAM },
      config: `${echo.config}
Session On
SessionCookieName ${COOKIE} path=/
SessionCryptoPassphraseFile secrets`,
    });
    file = join(httpd.root, 'secrets');
    write('the first key', program(1));
    await httpd.reload();
    nest = await ScriptApp.start({
      crypto: { format: apache({ secrets: [{ passphraseFile: file }] }) },
      cookie: { name: COOKIE },
    });
  });
  afterAll(async () => {
    await nest?.close();
    await httpd?.stop();
  });

  it('give both the same keys', async () => {
    const visitor = browser();
    await visitor.merge('name=ada');
    expect(await visitor.all()).toEqual({ name: 'ada' });
    await visitor.nest.run((session) => session.set('n', '1'));
    expect(await visitor.entries()).toEqual({ name: 'ada', n: '1' });
  });

  it('are reloaded while both run, and older sessions stay alive', async () => {
    const old = browser();
    await old.merge('name=ada');
    write(program(2), 'the first key');
    await httpd.reload();
    await nest.sessions.reloadKeys();
    expect(await old.all()).toEqual({ name: 'ada' });
    await old.nest.run((session) => session.set('n', '1'));
    expect(await openedWith('key number 2 from a program', old)).toBeDefined();
    expect(await old.entries()).toEqual({ name: 'ada', n: '1' });
  });
});
