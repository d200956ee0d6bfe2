import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ApacheEnvelope,
  formatSessionText,
  mergeSessionText,
  parseSessionText,
  type SessionText,
} from '../../lib/apache/index.js';
import { startEcho } from './support/echo.js';
import type { Httpd } from './support/httpd.mjs';
import { inTurns } from './support/in-turns.js';
import { live } from './support/live.js';
import { Dice } from './support/random-sessions.js';
import { Visitor } from '../support/visitor.js';

const COUNT = 300;
const SECRET = 'a passphrase of the text tests';
const seed = process.env['SEED'] ?? randomBytes(6).toString('hex');

const ODD = [
  'a=b=c', 'a==b', 'a===', '==a=1', '=x', 'a', 'a=', '&', '&&a=1&&&b=2&', 'a=1&a=', 'a=1&A=', 'a=1&=a', 'a=1&%61=',
  'a=1&%61=2', 'Alpha=1&ALPHA=2', '%c3%84=1&%c3%a4=2', 'a=%zz&b=1', 'a=%0', 'a=%', 'a=%00&b=1', '%00=1&b=1',
  '%zz=&b=1', 'a=1&%zz=', 'a b=c d', 'a+b=c+d', 'a=ü', 'a=\u0001\u007f', 'a=%FF%fe', 'a=~!\'()*-._', '+=+', '%20=%20',
  'Expiry=1&a=1', 'a=1&expiry=4000000000000000&b=2', 'expiry=4000000000000000', 'expiry=0&a=1', 'expiry=abc&a=1',
  '%65xpiry=4000000000000000&a=1', 'expiry=4000000000000000&a=1&expiry=', 'expiry=4000000000000000x&a=1',
  'expiry=99999999999999999999&a=1', 'a=1&expiry=+4000000000000000',
]; // prettier-ignore

const PIECES = [
  'a', 'b', 'A', 'a', 'B', '&', '&', '&', '=', '=', '=', '+', '%41', '%61', '%00', '%zz', '%4', '%', '%26', '%3d', '%3D',
  '%e9', '-', '~',
]; // prettier-ignore
const RAW_PIECES = [...PIECES, ' ', 'é', '\u0001', '\u007f', '"', ';'];

const written = ({ entries, expiry }: SessionText) => formatSessionText(entries, expiry);

describe.skipIf(!live)(`session texts (SEED=${seed})`, () => {
  const envelope = new ApacheEnvelope({ secrets: [SECRET] });
  const dice = new Dice(seed);
  let httpd: Httpd;

  const randomText = (pieces: readonly string[]) =>
    Array.from({ length: 1 + dice.below(12) }, () => pieces[dice.below(pieces.length)]).join('');
  const visitorWith = async (text: string) => {
    const visitor = new Visitor(httpd.url);
    visitor.jar.set('session', await envelope.seal(text));
    return visitor;
  };

  beforeAll(async () => {
    httpd = await startEcho(SECRET);
  });
  afterAll(() => httpd?.stop());

  it.each(ODD)('say the same to both sides: %j', async (text) => {
    const visitor = await visitorWith(text);
    expect(written(parseSessionText(text))).toBe((await visitor.get('/echo')).text);
  });

  it(`say the same to both sides: ${COUNT} random ones`, async () => {
    const texts = Array.from({ length: COUNT }, () => randomText(RAW_PIECES));
    const seen = await inTurns(texts, async (text) => {
      const visitor = await visitorWith(text);
      return {
        text,
        httpd: (await visitor.get('/echo')).text,
        here: written(parseSessionText(text)),
      };
    });
    expect(seen.filter(({ httpd, here }) => httpd !== here)).toEqual([]);
  });

  it(`are merged into a session in the same way by both sides: ${COUNT} random ones`, async () => {
    const pairs = Array.from({ length: COUNT }, () => [randomText(PIECES), randomText(PIECES)] as const);
    const seen = await inTurns(pairs, async ([text, header]) => {
      const visitor = await visitorWith(text);
      await visitor.post('/echo', header);
      const sealed = visitor.jar.get('session');
      const opened = sealed === undefined ? undefined : await envelope.open(sealed);
      const here = written(mergeSessionText(parseSessionText(text), header));
      return { text, header, httpd: opened?.plaintext.toString('latin1') ?? '', here };
    });
    expect(seen.filter(({ httpd, here }) => httpd !== here)).toEqual([]);
  });
});
