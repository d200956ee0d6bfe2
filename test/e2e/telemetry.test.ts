import { context, metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { Controller, Get } from '@nestjs/common';
import type { Server } from 'node:http';
import {
  cookieStore,
  CurrentSession,
  memoryStore,
  SessionLock,
  type Session,
  type SessionStore,
} from 'nestjs-session-crypto';
import { SessionTelemetryModule, type SessionTelemetryOptions } from 'nestjs-session-crypto/telemetry';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { METRICS } from '../../lib/telemetry/metric-names.js';
import { ADAPTER_NAMES, type AdapterName } from '../support/adapters.js';
import { Collector } from '../support/collected.js';
import { ScriptApp, SECRET, type Script } from '../support/script-app.js';
import { startApp, type SessionPlan } from '../support/test-app.js';

const write: Script = (session) => session.set('n', Math.random());
const read: Script = (session) => session.get('n');
const login: Script = (session) => session.login('ada');

let collector: Collector;
beforeEach(() => {
  collector = new Collector();
});

const observed = (
  session: SessionPlan = { store: memoryStore() },
  options: SessionTelemetryOptions = {},
  adapter: AdapterName = 'express',
) =>
  ScriptApp.start(
    session,
    adapter,
    [],
    [SessionTelemetryModule.forRoot({ meterProvider: collector.provider, ...options })],
  );
const numbers = (name: keyof typeof METRICS) => collector.numbers(METRICS[name].name);
const counted = (name: keyof typeof METRICS) => collector.counted(METRICS[name].name);

describe.each(ADAPTER_NAMES)('the metrics of an application on %s', (adapter) => {
  it('count how sessions begin and end, and why, and who is logged in', async () => {
    const app = await observed(undefined, {}, adapter);
    const visitors = [app.client(), app.client(), app.client(), app.client()] as const;
    for (const visitor of visitors) await visitor.run(write);
    const [first, second, third] = visitors;
    for (const visitor of [first, second]) await visitor.run(login);
    await third.run((session) => session.logout());
    await first.run((session) => session.logout());
    await second.run((session) => session.login('bob'));
    for (const visitor of [app.client(), app.client()]) await visitor.run((session) => session.login('bob'));
    await app.sessions.revokeSubject('bob');
    expect(await counted('begun')).toEqual({ new: 6 });
    expect(await counted('logins')).toEqual({ login: 5 });
    expect(await counted('ended')).toEqual({ logout: 2, login: 1, revoked: 3 });
  });

  it('count cookies that lead nowhere, by reason', async () => {
    const app = await observed(undefined, {}, adapter);
    const forger = app.client();
    for (const value of ['A'.repeat(71), 'short', 'short']) {
      forger.jar.set('sid', value);
      await forger.run(read);
    }
    expect(await counted('rejected')).toEqual({ length: 2, version: 1 });
  });

  it('count what each key has opened, and when it was last', async () => {
    const [old, current] = [`hex:${'22'.repeat(32)}`, SECRET];
    const store = memoryStore();
    const before = await ScriptApp.start({ store, crypto: { secrets: [old] } }, adapter);
    const visitor = before.client();
    await visitor.run(write);
    const app = await observed({ store, crypto: { secrets: [current, old] } }, {}, adapter);
    const since = Math.floor(Date.now() / 1000);
    await visitor.copy(app.url).run(read);
    const opens = await numbers('opens');
    expect(Object.values(opens)).toEqual([2]); // the reference and the row
    const [[hint, last]] = Object.entries(await numbers('lastOpened')) as [[string, number]];
    expect([hint]).toEqual(Object.keys(opens));
    expect(hint).toMatch(/^[0-9a-f]{8}$/);
    expect(last).toBeGreaterThanOrEqual(since);
  });

  it('measure the operations of the store, the steps and the rows that were pruned', async () => {
    const app = await observed(undefined, {}, adapter);
    const visitor = app.client();
    await visitor.run(write);
    await visitor.run(read);
    await visitor.run(write);
    expect(await numbers('store')).toMatchObject({
      'create memory': 1,
      'load memory': 2,
      'replace memory': 1,
    });
    expect(await numbers('steps')).toEqual({ open: 2, commit: 2, seal: 2 });
    expect((await numbers('stepTime'))['commit']).toBeGreaterThan(0);
    app.ahead = 100_000;
    await app.sessions.prune({ exact: true });
    expect(await numbers('store')).toMatchObject({ 'prune memory': 1 });
    expect(await counted('pruned')).toEqual({ '': 1 });
  });
});

describe('the metrics', () => {
  it('have the names, kinds and units that the documentation lists', async () => {
    const app = await observed(undefined, { countSessions: true });
    const visitor = app.client();
    await visitor.run(write);
    const found = (await collector.metrics()).map(({ descriptor: { name, unit } }) => ({ name, unit }));
    const known = Object.values(METRICS).map(({ name, unit }) => ({ name, unit }));
    expect(known).toEqual(expect.arrayContaining(found));
    expect(await numbers('stored')).toEqual({ '': 1 });
    expect(await numbers('storeUp')).toEqual({ sessions: 1 });
  });

  it('have buckets that a database fits in', async () => {
    const app = await observed();
    await app.client().run(write);
    const store = (await collector.metrics()).find(
      ({ descriptor }) => descriptor.name === METRICS.store.name,
    );
    const [point] = store!.dataPoints as { value: { buckets: { boundaries: number[] } } }[];
    expect(point!.value.buckets.boundaries).toEqual([0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]);
  });

  it('hold no subject, no id and no value', async () => {
    const app = await observed();
    const visitor = app.client();
    await visitor.run((session) => session.set('secret', 'a-value-of-the-session'));
    await visitor.run(login);
    const id = (await visitor.result((session) => session.id)) as string;
    await visitor.run((session) => session.logout());
    const text = JSON.stringify(await collector.metrics());
    for (const private_ of ['ada', id, 'secret', 'a-value-of-the-session', visitor.cookie || 'no cookie'])
      expect(text).not.toContain(`"${private_}"`);
  });

  it('hold what the application asks for', async () => {
    const attributes: SessionTelemetryOptions['attributes'] = ({ event, detail }) =>
      event === 'signedIn' ? { tenant: detail.subject.split('@')[1]! } : {};
    const app = await observed(undefined, { attributes });
    for (const name of ['ada@one', 'bob@two', 'eve@two'])
      await app.client().run((session) => session.login(name));
    expect(await counted('logins')).toEqual({ 'login one': 1, 'login two': 2 });
  });

  it('say that the store is down, with the code of each operation that failed', async () => {
    const store = memoryStore() as SessionStore;
    const app = await observed({ store });
    const visitor = app.client();
    await visitor.run(write);
    const { load } = store;
    store.load = () => Promise.reject(Object.assign(new Error('private'), { code: 'ECONNREFUSED' }));
    await visitor.run(read);
    expect(await numbers('storeUp')).toEqual({ sessions: 0 });
    expect(await numbers('store')).toMatchObject({ 'load memory ECONNREFUSED': 1 });
    expect(await numbers('steps')).toMatchObject({ 'ECONNREFUSED open': 1 });
    store.load = load;
    await visitor.run(read);
    expect(await numbers('storeUp')).toEqual({ sessions: 1 });
    expect(await counted('events')).toMatchObject({ storeDown: 1, storeUp: 1 });
  });

  it('count a session that a save merges, and requests that wait now', async () => {
    const store = memoryStore();
    const app = await observed({ store });
    const other = await ScriptApp.start({ store });
    const visitor = app.client();
    await visitor.run(write);
    const elsewhere = visitor.copy(other.url);
    await visitor.run(async (session) => {
      session.set('mine', 1);
      await elsewhere.run((theirs) => theirs.set('theirs', 1));
    });
    expect(await counted('merged')).toEqual({ '': 1 });
    await Promise.all(Array.from({ length: 9 }, () => visitor.copy().run(write)));
    expect(Object.values(await numbers('waiters')).every((waiting) => waiting === 0)).toBe(true);
  });

  it('measure how long requests wait for a lock', async () => {
    @Controller()
    class LockedController {
      @Get('locked')
      @SessionLock()
      async locked(@CurrentSession() session: Session) {
        for (let tick = 0; tick < 20; tick++) await new Promise(setImmediate);
        session.increment('n');
      }
    }
    const telemetry = SessionTelemetryModule.forRoot({ meterProvider: collector.provider });
    const app = await ScriptApp.start({ store: memoryStore() }, 'express', [LockedController], [telemetry]);
    const visitor = app.client();
    await visitor.run(write);
    await Promise.all(Array.from({ length: 3 }, () => visitor.copy().get('/locked')));
    expect(await numbers('waits')).toMatchObject({ lock: 3 });
    expect(await numbers('waiters')).toMatchObject({ lock: 0 });
  });

  it('are none where they are switched off', async () => {
    const app = await observed(undefined, { metrics: false });
    await app.client().run(write);
    expect(await collector.metrics()).toEqual([]);
  });

  it('name each session of the application', async () => {
    const { SessionCryptoModule } = await import('nestjs-session-crypto');
    const crypto = { secrets: [SECRET] };
    const admin = SessionCryptoModule.forRoot({ name: 'admin', cookie: { name: 'admin' }, crypto });
    const telemetry = SessionTelemetryModule.forRoot({ meterProvider: collector.provider });
    await startApp({ session: {}, imports: [admin, telemetry] });
    const up = (await collector.metrics()).find(
      ({ descriptor }) => descriptor.name === METRICS.storeUp.name,
    )!;
    const names = up.dataPoints.map(({ attributes }) => Object.values(attributes)[0]);
    expect(names.toSorted()).toEqual(['admin', 'default']);
  });

  it('are left when the application closes', async () => {
    const app = await observed();
    await app.client().run(write);
    await app.close();
    expect(await collector.metrics()).toSatisfy((all: { dataPoints: unknown[] }[]) =>
      all.every(({ dataPoints }) => !dataPoints.length || dataPoints.length > 0),
    );
    expect(await counted('begun')).toEqual({});
  });
});

describe('the spans of an application', () => {
  const exporter = new InMemorySpanExporter();
  const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  beforeAll(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  });
  afterAll(() => context.disable());
  beforeEach(() => exporter.reset());

  /** An application whose requests have a span each, as the instrumentation of `http` makes it. */
  async function traced(session: SessionPlan, adapter: AdapterName = 'express', metrics = true) {
    const app = await observed(session, { tracerProvider: tracers, metrics }, adapter);
    const server = app.app.getHttpServer() as Server;
    const emit = server.emit.bind(server) as (...args: unknown[]) => boolean;
    server.emit = (event: string, ...args: unknown[]) => {
      if (event !== 'request') return emit(event, ...args);
      const span = tracers.getTracer('http').startSpan('request', { kind: SpanKind.SERVER });
      const [, response] = args as [unknown, NodeJS.EventEmitter];
      response.once('finish', () => span.end());
      return context.with(trace.setSpan(context.active(), span), () => emit(event, ...args));
    };
    return app;
  }

  const spans = () => exporter.getFinishedSpans().filter(({ name }) => name !== 'request');

  it.each(ADAPTER_NAMES)('on %s are children of the span of the request', async (adapter) => {
    const app = await traced({ store: memoryStore() }, adapter);
    const visitor = app.client();
    await visitor.run(write);
    exporter.reset();
    await visitor.run(write);
    const names = spans().map(({ name }) => name);
    expect(names.toSorted()).toEqual([
      'session commit',
      'session load',
      'session open',
      'session replace',
      'session seal',
    ]);
    const request = exporter.getFinishedSpans().find(({ name }) => name === 'request')!;
    for (const { parentSpanContext } of spans())
      expect(parentSpanContext?.spanId).toBe(request.spanContext().spanId);
  });

  it('have the attributes of a database client where they ask the store, and nothing private', async () => {
    const app = await traced({ store: memoryStore() });
    const visitor = app.client();
    await visitor.run(login);
    await visitor.run(read);
    const load = spans().find(({ name }) => name === 'session load')!;
    expect(load.attributes).toEqual({
      'nestjs_session_crypto.session.name': 'default',
      'db.system.name': 'memory',
      'db.operation.name': 'load',
    });
    expect(JSON.stringify(spans().map(({ attributes }) => attributes))).not.toContain('ada');
  });

  it('have the code of what failed', async () => {
    const store = memoryStore() as SessionStore;
    const app = await traced({ store });
    const visitor = app.client();
    await visitor.run(write);
    store.load = () => Promise.reject(Object.assign(new Error('private'), { code: 'ECONNREFUSED' }));
    await visitor.run(read);
    const failed = spans().filter(({ status }) => status.code === SpanStatusCode.ERROR);
    expect(failed.map(({ name, attributes }) => [name, attributes['error.type']]).toSorted()).toEqual([
      ['session load', 'ECONNREFUSED'],
      ['session open', 'ECONNREFUSED'],
    ]);
    expect(JSON.stringify(failed.map(({ status, events }) => [status, events]))).not.toContain('private');
  });

  it('are made without metrics too', async () => {
    const app = await traced({ store: cookieStore() }, 'express', false);
    await app.client().run(write);
    expect(spans().map(({ name }) => name)).toEqual(['session seal', 'session commit']);
    expect(await collector.metrics()).toEqual([]);
  });

  it('are none outside of a request that is recorded', async () => {
    const app = await observed({ store: memoryStore() }, { tracerProvider: tracers });
    await app.client().run(write);
    expect(spans()).toEqual([]);
  });
});

describe('SessionTelemetryModule', () => {
  afterAll(() => {
    metrics.disable();
    trace.disable();
  });

  it('says that no SDK is registered, and observes nothing', async () => {
    const app = await ScriptApp.start(
      { store: memoryStore() },
      'express',
      [],
      [SessionTelemetryModule.forRoot()],
    );
    expect(app.complaints).toEqual([expect.stringContaining('No OpenTelemetry SDK is registered')]);
    expect((await app.client().run(write)).status).toBe(201);
  });

  it('uses the global providers, also without forRoot()', async () => {
    metrics.setGlobalMeterProvider(collector.provider);
    const app = await ScriptApp.start({ store: cookieStore() }, 'express', [], [SessionTelemetryModule]);
    await app.client().run(write);
    expect(await counted('begun')).toEqual({ new: 1 });
    expect(app.complaints).toEqual([]);
  });

  it('says what is missing where there are no sessions', async () => {
    const imports = [SessionTelemetryModule.forRoot({ meterProvider: collector.provider })];
    await expect(startApp({ imports })).rejects.toThrow(
      'SessionTelemetryModule: finds no sessions in the application; import SessionCryptoModule.forRoot({ crypto: … }) beside it',
    );
  });

  it('lists every wrong option', () => {
    const wrong = { metrics: 'yes', attributes: {}, meterProvider: {} } as unknown as SessionTelemetryOptions;
    expect(() => SessionTelemetryModule.forRoot(wrong)).toThrow(
      /\.metrics: is .*true or false[^]*\.attributes: is .*a function[^]*\.meterProvider: is .*getMeter\(\)/,
    );
    expect(() => SessionTelemetryModule.forRoot({ trace: false } as SessionTelemetryOptions)).toThrow(
      /\.trace: is unknown; .*traces/,
    );
  });
});
