import { Controller, Get, type LoggerService } from '@nestjs/common';
import { cookieStore, CurrentSession, memoryStore, type Session } from 'nestjs-session-crypto';
import { describe, expect, it } from 'vitest';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { ScriptApp } from '../support/script-app.js';
import { SECRET, startApp, type AppPlan } from '../support/test-app.js';

type Line = Record<string, unknown>;

@Controller()
class Ping {
  @Get()
  ping(@CurrentSession() { isNew }: Session) {
    return { isNew };
  }

  @Get('large')
  large(@CurrentSession() session: Session<Record<string, unknown>>) {
    session.set('theme', 'dark');
    session.set('profile', 'sesame'.repeat(1000));
  }

  @Get('visit')
  visit(@CurrentSession() session: Session<Record<string, unknown>>) {
    session.set('seen', 1);
  }
}

/** Keeps the lines of our log, as objects with their facts. */
function keeper(): { lines: Line[]; logger: LoggerService } {
  const lines: Line[] = [];
  const keep = (message: unknown, ...others: unknown[]) => {
    const facts = others.find((one) => typeof one === 'object' && one !== null && 'event' in one);
    if (facts) lines.push({ ...facts, message });
  };
  return { lines, logger: { log: keep, warn: keep, error: keep, debug: keep } };
}

async function started(plan: AppPlan) {
  const { lines, logger } = keeper();
  const app = await startApp({
    logger,
    controllers: [Ping],
    session: { store: memoryStore() },
    ...plan,
  });
  const named = (event: string) => lines.filter((line) => line['event'] === event);
  return { app, named };
}

describe.each(ADAPTER_NAMES)('the log on %s', (adapter) => {
  it('says at the start what the process works with, and at the end what became of the sessions', async () => {
    const { app, named } = await started({ adapter });
    const [line] = named('started');
    expect(line).toMatchObject({
      session: 'default',
      store: 'memory',
      driver: 'openssl',
      cipher: 'aes256',
      keys: 1,
    });
    const [hint] = line!['hints'] as string[];
    expect(line!['message']).toContain(
      `driver openssl with aes256, 1 key (${hint} seals), cookie __Host-sid`,
    );
    await app.ask('/', { headers: { cookie: 'sid=AAAA; __Host-sid=AAAA' } });
    await app.close();
    expect(named('stopped')).toMatchObject([{ began: 0, refused: 1, reasons: ['length 1'] }]);
  });

  it.each([
    { trustProxy: true, event: 'proxyTrusted' },
    { trustProxy: false, event: 'proxyNotTrusted' },
  ])('says once whether the platform trusts the proxy: $trustProxy', async ({ trustProxy, event }) => {
    const { app, named } = await started({ adapter, trustProxy });
    await app.ask('/');
    expect([...named('proxyTrusted'), ...named('proxyNotTrusted')]).toEqual([]);
    const headers = [{ 'x-forwarded-proto': 'https' }, { 'x-forwarded-for': '192.0.2.7' }];
    for (let i = 0; i < 4; i++) await app.ask('/', { headers: headers[i % 2]! });
    expect([...named('proxyTrusted'), ...named('proxyNotTrusted')]).toMatchObject([{ event }]);
  });

  it('names the largest keys of a session that is too large, and shows no value', async () => {
    const { app, named } = await started({
      adapter,
      session: { store: cookieStore({ acceptReplay: true }) },
    });
    const { status, text } = await app.ask('/large');
    expect([status, text]).toEqual([500, expect.not.stringContaining('profile')]);
    const [line] = named('commitFailed');
    expect(line).toMatchObject({ code: 'ERR_SESSION_TOO_LARGE' });
    expect(line!['message']).toMatch(
      /needs \d+ bytes, but only \d+ bytes are allowed\. Its largest keys, in bytes of JSON: "profile" 6012, "theme" 14$/,
    );
    expect(JSON.stringify(line)).not.toMatch(/sesame|dark/);
  });

  it.each([
    {
      trustProxy: true,
      says: 'The trusted proxy sends no "X-Forwarded-Proto: https". Where it speaks TLS, add it',
    },
    { trustProxy: false, says: 'Behind a proxy that speaks TLS, tell the platform to trust it' },
  ])('says what a proxy lacks that does not tell of TLS: $says', async ({ trustProxy, says }) => {
    const { app, named } = await started({ adapter, trustProxy });
    await app.ask('/visit', { headers: { 'x-forwarded-for': '192.0.2.7' } });
    expect(named('plainHttp')).toMatchObject([{ message: expect.stringContaining(says) }]);
  });

  it('works with a logger that takes texts, and with one that throws', async () => {
    const texts: string[] = [];
    const take = (message: string, context: string) =>
      void texts.push(`${context.trim()}: ${message.trim()}`);
    const fail = (...args: unknown[]) => {
      if (args.includes('SessionCrypto')) throw new TypeError('this logger is broken');
    };
    const takesTexts: LoggerService = {
      log: take,
      warn: take,
      error: (message: string, _stack: string | undefined, context: string) => take(message, context),
    };
    for (const logger of [takesTexts, { log: fail, warn: fail, error: fail }]) {
      const { app } = await started({ adapter, logger });
      expect((await app.ask('/')).status).toBe(200);
      await app.close();
    }
    expect(texts.filter((text) => text.startsWith('SessionCrypto: '))).not.toEqual([]);
  });

  it('says when a deploy has changed what cookies are bound to, and when it has dropped a key', async () => {
    const store = () => cookieStore({ acceptReplay: true });
    const before = await ScriptApp.start({ store: store() }, adapter);
    const client = before.client();
    await client.result((session) => session.login('ada'));
    const changes = [
      { name: 'mismatch', crypto: { secrets: [SECRET], audience: 'other.example' } },
      { name: 'keyMissing', crypto: { secrets: [`hex:${'22'.repeat(32)}`] } },
    ];
    for (const { name, crypto } of changes) {
      const { app, named } = await started({
        adapter,
        session: { crypto, store: store() },
      });
      await client.copy(app.url).send('GET', '/');
      expect(named(name)).toMatchObject([{ count: 1, hint: expect.stringMatching(/^[0-9a-f]{8}$/) }]);
    }
  });
});
