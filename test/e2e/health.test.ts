import { Controller, Get, Inject, Query } from '@nestjs/common';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { describe, expect, it } from 'vitest';
import { memoryStore, SessionConfigError, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { SessionHealthIndicator } from 'nestjs-session-crypto/health';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { brokenStore, failing } from '../support/running-manager.js';
import { startApp, type AppPlan } from '../support/test-app.js';

@Controller()
class HealthController {
  constructor(
    @Inject(HealthCheckService) private readonly health: HealthCheckService,
    @Inject(SessionHealthIndicator) private readonly sessions: SessionHealthIndicator,
  ) {}

  @Get('live')
  live() {
    return this.health.check([() => this.sessions.live()]);
  }

  @Get('ready')
  ready() {
    return this.health.check([() => this.sessions.ready()]);
  }

  @Get('ops')
  ops(@Query('session') session: string) {
    return this.health.check([() => this.sessions.ready('sessions', { details: true, session })]);
  }
}

const start = (
  adapter: AppPlan['adapter'],
  session: Partial<SessionCryptoOptions> = {},
  others: AppPlan['providers'] = [],
) =>
  startApp({
    adapter,
    session: { store: memoryStore(), ...session },
    imports: [TerminusModule.forRoot({ logger: false })],
    controllers: [HealthController],
    providers: [SessionHealthIndicator, ...others],
  });

const DOWN = { load: failing('ECONNREFUSED') };

describe.each(ADAPTER_NAMES)('the checks of @nestjs/terminus, on %s', (adapter) => {
  it('say that sessions are well, and nothing else', async () => {
    const app = await start(adapter);
    for (const path of ['/live', '/ready']) {
      const { status, body } = await app.ask(path);
      expect([status, body]).toEqual([
        200,
        { status: 'ok', info: { session: UP }, error: {}, details: { session: UP } },
      ]);
    }
  });

  it('are live and not ready while the store is down, and name no store', async () => {
    const app = await start(adapter, { store: brokenStore(DOWN) });
    expect((await app.ask('/live')).status).toBe(200);
    const { status, body, text } = await app.ask('/ready');
    expect(status).toBe(503);
    expect(body).toMatchObject({ status: 'error', error: { session: { status: 'down' } } });
    expect(text).not.toMatch(/memory|ECONNREFUSED/);
  });

  it('are ready and degraded where a store that is down makes everybody anonymous', async () => {
    const app = await start(adapter, { store: brokenStore(DOWN), session: { onStoreDown: 'anonymous' } });
    const { status, body } = await app.ask('/ready');
    expect([status, body]).toMatchObject([
      200,
      { status: 'degraded', details: { session: { status: 'degraded' } } },
    ]);
  });

  it('show all to operators, without a secret', async () => {
    const app = await start(adapter);
    const { body, text } = await app.ask('/ops?session=default');
    expect(body).toMatchObject({
      details: {
        sessions: {
          status: 'up',
          phase: 'running',
          store: { stores: [{ kind: 'memory', access: 'writes' }] },
          driver: { name: 'openssl', selfTest: 'passed' },
        },
      },
    });
    expect(text).not.toContain('11'.repeat(4));
  });

  it('are not ready, and live, once the application shuts down', async () => {
    const app = await start(adapter);
    expect((await app.ask('/ready')).status).toBe(200);
    const indicator = app.app.get(SessionHealthIndicator);
    await app.close();
    expect(await indicator.ready()).toEqual({ session: { status: 'down' } });
    expect(await indicator.live()).toEqual({ session: { status: 'up' } });
  });

  it('are not ready while the application waits for the end of its requests', async () => {
    let seen: unknown;
    class Probe {
      async beforeApplicationShutdown() {
        seen = (await app.ask('/ready')).body;
      }
    }
    const app = await start(adapter, {}, [Probe]);
    await app.close();
    expect(seen).toMatchObject({ error: { session: { status: 'down' } } });
  });

  it('ask the store once for a thousand strangers', async () => {
    let asked = 0;
    const app = await start(adapter, { store: brokenStore({ ping: async () => void asked++ }) });
    const reports = await Promise.all(Array.from({ length: 1000 }, () => app.sessions.health()));
    expect([asked, new Set(reports).size]).toEqual([1, 1]);
  });
});

const UP = { status: 'up' };

describe('SessionHealthIndicator', () => {
  it('shows a degraded session as up, with its state, where terminus knows no such status', async () => {
    const { app } = await start('express', {
      store: brokenStore(DOWN),
      session: { onStoreDown: 'anonymous' },
    });
    const indicator = app.get(SessionHealthIndicator);
    const { results } = indicator as unknown as { results: { check: (key: string) => object } };
    const { check } = results;
    // Version 11 of terminus, as far as the indicator uses it. test/package/nest-11.mjs runs the real one.
    results.check = (key) => Object.assign(Object.create(check.call(results, key)), { degraded: undefined });
    expect(await indicator.ready()).toEqual({ session: { status: 'up', state: 'degraded' } });
  });

  it('says what is missing without TerminusModule', async () => {
    const started = startApp({ session: { store: memoryStore() }, providers: [SessionHealthIndicator] });
    await expect(started).rejects.toThrow(SessionConfigError);
    await expect(started).rejects.toThrow('import TerminusModule');
  });

  it('refuses an option that does not exist, and guesses what was meant', async () => {
    const { app } = await start('express');
    const check = app.get(SessionHealthIndicator).ready('session', { detail: true } as object);
    await expect(check).rejects.toThrow(/detail.*details/s);
  });
});
