import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApacheEnvelope, formatSessionText, parseSessionText } from '../../lib/apache/index.js';
import { startEcho } from './support/echo.js';
import type { Httpd } from './support/httpd.mjs';
import { inTurns } from './support/in-turns.js';
import { live } from './support/live.js';
import { entriesOf, randomSessions, textOf, type Entry } from './support/random-sessions.js';
import { Visitor } from '../support/visitor.js';

const COUNT = 200;
const SECRET = randomBytes(18).toString('base64');
const seed = process.env['SEED'] ?? randomBytes(6).toString('hex');

if (live) console.log(`test/apache: random sessions of SEED=${seed}`);

describe.skipIf(!live)(`${COUNT} random sessions (SEED=${seed})`, () => {
  const envelope = new ApacheEnvelope({ cipher: 'aes256', secrets: [SECRET] });
  const sessions = randomSessions(seed, COUNT);
  let httpd: Httpd;

  beforeAll(async () => {
    httpd = await startEcho(SECRET);
  });
  afterAll(() => httpd?.stop());

  it('that httpd sealed are the same here', async () => {
    const seen = await inTurns(sessions, async (entries) => {
      const visitor = new Visitor(httpd.url);
      await visitor.post('/echo', textOf(entries));
      const opened = await envelope.open(visitor.jar.get('session')!);
      return (
        opened && parseSessionText(opened.plaintext).entries.map(({ key, value }) => [key, value] as const)
      );
    });
    expect(differences(seen)).toEqual([]);
  });

  it('that were sealed here are the same at httpd', async () => {
    const seen = await inTurns(sessions, async (entries) => {
      const visitor = new Visitor(httpd.url);
      const text = formatSessionText(entries.map(([key, value]) => ({ key, value })));
      visitor.jar.set('session', await envelope.seal(text));
      return entriesOf((await visitor.get('/echo')).text);
    });
    expect(differences(seen)).toEqual([]);
  });

  /** Returns the sessions that came back changed. */
  const differences = (seen: readonly (readonly Entry[] | undefined)[]) =>
    sessions
      .map((entries, i) => ({ number: i, sent: textOf(entries), seen: textOf(seen[i] ?? []) }))
      .filter(({ sent, seen }) => sent !== seen);
});
