import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApacheEnvelope } from '../../lib/apache/index.js';
import { secretSource, type ApacheSecretOption } from '../../lib/apache/sealing/passphrase-sources.js';
import { parsePassphraseFile } from '../../lib/apache/sealing/passphrase-file.js';
import { echo } from './support/echo.js';
import { startHttpd, type Httpd } from './support/httpd.mjs';
import { live } from './support/live.js';
import { Visitor } from '../support/visitor.js';

const FILE = [
  'first-key second-key',
  `   "third key with spaces"   'fourth \\'key'   # a remark`,
  '\t fifth#hash',
  '"#no key"',
  'seventh \\',
  'eighth\r',
  '"back\\slash" ${HOME} ninth',
  '"" no-key-either',
  '"a ""b" c"d',
  'grüße "unfinished',
  '',
].join('\n');

const WORDS = [
  'first-key', 'second-key', 'third key with spaces', "fourth 'key", 'fifth#hash', 'seventh', 'eighth', 'back\\slash',
  '${HOME}', 'ninth',
]; // prettier-ignore
const NO_WORDS = ['#no key', 'no-key-either', '""', '#', 'a remark', 'remark', 'back', 'slash'];
const TEXT = 'n=1';

describe.skipIf(!live)('a passphrase file', () => {
  let httpd: Httpd;
  let words: Buffer[];

  const shownWith = async (secret: string | Uint8Array) => {
    const visitor = new Visitor(httpd.url);
    visitor.jar.set('session', await new ApacheEnvelope({ secrets: [secret] }).seal(TEXT));
    return (await visitor.get('/echo')).text;
  };

  beforeAll(async () => {
    const config = `${echo.config}
Session On
SessionCookieName session path=/
SessionCryptoPassphraseFile secrets`;
    httpd = await startHttpd({ ...echo, config, files: { ...echo.files, secrets: FILE } });
    words = parsePassphraseFile(readFileSync(join(httpd.root, 'secrets'))) as Buffer[];
  });
  afterAll(() => httpd?.stop());

  it('has the words that the rules say', () => {
    expect(words.slice(0, WORDS.length).map(String)).toEqual(WORDS);
  });

  it('has no word here that httpd does not take as a passphrase', async () => {
    const shown = await Promise.all(words.map(shownWith));
    expect(shown).toEqual(words.map(() => TEXT));
  });

  it.each(NO_WORDS)('does not have %o on either side', async (word) => {
    expect(words.map(String)).not.toContain(word);
    expect(await shownWith(word)).toBe('');
  });

  it('opens here what httpd seals, by its first word', async () => {
    const visitor = new Visitor(httpd.url);
    await visitor.post('/echo', TEXT);
    const opened = await new ApacheEnvelope({ secrets: words }).open(visitor.jar.get('session')!);
    expect(opened).toMatchObject({ index: 0, plaintext: Buffer.from(TEXT) });
  });
});

describe.skipIf(!live)('a program that prints a passphrase', () => {
  const PROGRAM = '#!/bin/sh\nprintf \' key of %s and %s \\r\\nanother line\\n\' "$1" "$2"\n';
  const config = (line: string) => `${echo.config}
Session On
SessionCookieName session path=/
${line}`;
  let httpd: Httpd;

  const ours = async (option: ApacheSecretOption) => {
    const source = secretSource('secrets[0]', option);
    if (typeof source === 'string') throw new Error(source);
    return new ApacheEnvelope({ secrets: (await source.read()).map(({ bytes }) => bytes) });
  };
  /** Returns the text that the envelope opens from httpd, and the text that httpd shows from the envelope. */
  const bothWays = async (envelope: ApacheEnvelope) => {
    const visitor = new Visitor(httpd.url);
    await visitor.post('/echo', 'from=httpd');
    const opened = await envelope.open(visitor.jar.get('session')!);
    visitor.jar.set('session', await envelope.seal('from=here'));
    return [opened?.plaintext.toString(), (await visitor.get('/echo')).text];
  };

  beforeAll(async () => {
    const line = `SessionCryptoPassphrase "exec:bin/secret.sh 'two words' x\\\\ y"`;
    httpd = await startHttpd({
      ...echo,
      config: config(line),
      files: { ...echo.files, 'bin/secret.sh': PROGRAM },
    });
  });
  afterAll(() => httpd?.stop());

  it('gives the same key to both sides, as text', async () => {
    const program = join(httpd.root, 'bin/secret.sh');
    const envelope = await ours(`exec:${program} 'two words' x\\ y`);
    expect(await bothWays(envelope)).toEqual(['from=httpd', 'from=here']);
  });

  it('gives the same key to both sides, as a list', async () => {
    const envelope = await ours({ exec: [join(httpd.root, 'bin/secret.sh'), 'two words', 'x y'] });
    expect(await bothWays(envelope)).toEqual(['from=httpd', 'from=here']);
  });

  it('gives another key for another argument', async () => {
    const envelope = await ours({ exec: [join(httpd.root, 'bin/secret.sh'), 'two', 'x y'] });
    expect(await bothWays(envelope)).toEqual([undefined, '']);
  });

  it('gives the same key to both sides from a passphrase file', async () => {
    const passphraseFile = join(httpd.root, 'secrets');
    writeFileSync(passphraseFile, `# remark\n"exec:${httpd.root}/bin/secret.sh from file" old-key\n`);
    chmodSync(passphraseFile, 0o600);
    await httpd.reload(config('SessionCryptoPassphraseFile secrets'));
    expect(await bothWays(await ours({ passphraseFile }))).toEqual(['from=httpd', 'from=here']);
  });
});
