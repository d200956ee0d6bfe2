import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileStore } from 'nestjs-session-crypto/php';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cookieStore, memoryStore, storeRevocation, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { FleetBoard } from '../../lib/dashboard/fleet/fleet-board.js';
import { reportOf, type ProcessReport } from '../../lib/dashboard/fleet/process-report.js';
import { SessionFigures } from '../../lib/dashboard/figures/session-figures.js';
import { snapshotOf } from '../../lib/dashboard/figures/snapshot.js';
import type { SessionManager } from '../../lib/manager/session-manager.js';
import { MANAGER } from '../../lib/session.providers.js';
import { cleanUp } from '../support/cleanup.js';
import { testDatabase, type TestDatabase } from '../support/database.js';
import { RecordingProbe } from '../support/recording-probe.js';
import { SERVER_STORES } from '../support/stores.js';
import { startApp, type TestApp } from '../support/test-app.js';
import { OPERATOR, PAGE, partOf, startDashboard } from './support/dashboard-app.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

type Store = NonNullable<SessionCryptoOptions['store']>;

const KEYS = ['22', '33'].map((byte) => `hex:${byte.repeat(32)}`) as [string, string];

/** Makes the stores of several processes over one place. */
const PLACES: readonly [string, () => () => Store][] = [
  ...SERVER_STORES.map(([name, make]): [string, () => () => Store] => {
    const common = name === 'memory' ? make(undefined as never) : undefined;
    return [name, () => () => common ?? make(database)];
  }),
  [
    'file',
    () => {
      const path = mkdtempSync(join(tmpdir(), 'session-crypto-fleet-'));
      cleanUp(() => rmSync(path, { recursive: true, force: true }));
      return () => fileStore({ path });
    },
  ],
];

describe.each(PLACES)('the dashboards of several processes over one %s store', (_, place) => {
  it('add up what all have counted, and count none of their rows as a session', async () => {
    const store = place();
    const audience = 'together';
    const plan = () => ({ session: { store: store(), crypto: { secrets: [KEYS[0]], audience } } });
    const apps = [await startDashboard({}, plan()), await startDashboard({}, plan())] as const;
    for (const app of apps) await app.visitor().get('/login/ada');
    const last = await startDashboard({}, plan());
    await published(last, 2);
    const page = await last.ask(PAGE, { headers: OPERATOR });
    expect(partOf(page, 'processes')).toMatch(/this one .*as here: 1 .*as here: 1 .*as here: 1/);
    const { sessions } = last;
    expect([await sessions.count(), await sessions.count({ estimate: true })]).toEqual([2, 2]);
    expect(await sessions.list('ada')).toHaveLength(2);
    expect([await sessions.reseal(), await sessions.prune({ exact: true })]).toEqual([0, 0]);
    expect([await sessions.revokeAll(), await sessions.count()]).toEqual([2, 0]);
    expect((await boardOf(last).gather()).reports).toHaveLength(3);
  });

  it('say which process has other keys', async () => {
    const store = place();
    const crypto = (...secrets: string[]) => ({ secrets, audience: 'apart' });
    const start = (...secrets: string[]) =>
      startDashboard({}, { session: { store: store(), crypto: crypto(...secrets) } });
    await start(KEYS[0]);
    await start(KEYS[1]);
    const app = await start(...KEYS);
    await published(app, 2);
    const page = await app.ask(PAGE, { headers: OPERATOR });
    expect(partOf(page, 'processes').match(/others: [0-9a-f]{8} /g)).toHaveLength(2);
    const behind = await start(KEYS[0]);
    expect(partOf(await behind.ask(PAGE, { headers: OPERATOR }), 'processes')).toMatch(
      /figures of [12] more process(es)? do not open here/,
    );
  });

  it('know nothing of the processes of another audience', async () => {
    const store = place();
    const start = (audience: string) =>
      startDashboard({}, { session: { store: store(), crypto: { secrets: [KEYS[0]], audience } } });
    const one = await start('shop.example');
    const other = await start('blog.example');
    for (const app of [one, other]) await published(app, 0);
    for (const app of [one, other])
      expect(await boardOf(app).gather()).toEqual({
        reports: [expect.anything()],
        unreadable: 0,
        isFull: false,
      });
  });
});

describe('FleetBoard', () => {
  it('keeps the reports beside revocations where sessions are in cookies', async () => {
    const revocation = storeRevocation(memoryStore());
    const app = await startApp({ session: { store: cookieStore({ revocation }) } });
    const [one, other] = [boardOf(app), boardOf(app)];
    await one.publish(report('a'));
    expect((await other.gather()).reports.map(({ name }) => name)).toEqual(['a']);
  });

  it('is seen by no probe, so that the page does not measure itself', async () => {
    const app = await startApp({ session: { store: memoryStore() } });
    const probe = new RecordingProbe();
    app.sessions.observe(probe);
    for (const name of ['first', 'second']) await boardOf(app).publish(report(name));
    expect((await boardOf(app).gather()).reports).toHaveLength(2);
    expect([probe.take(), probe.hints]).toEqual([[], []]);
  });

  it('is nowhere without a store on the server', async () => {
    const app = await startApp({ session: { store: cookieStore({ acceptReplay: true }) } });
    expect(FleetBoard.of(managerOf(app).base)).toBeUndefined();
  });

  it('counts a process once that has left a report at another place', async () => {
    const app = await startApp({ session: { store: memoryStore() } });
    const [mine, reader] = [boardOf(app), boardOf(app)];
    await mine.publish(report('first'));
    const both = ['second', 'third'].map((name, at) => mine.publish({ ...report(name), at }));
    await Promise.all(both); // one of them is overtaken
    await mine.publish({ ...report('fourth'), at: 2 });
    expect((await reader.gather()).reports.map(({ name }) => name)).toEqual(['fourth']);
    expect((await mine.gather()).reports).toEqual([]);
  });

  it('replaces the report of its process, and takes another place when its own has expired or was taken', async () => {
    let now = Date.now();
    const store = memoryStore({ now: () => new Date(now) });
    const app = await startApp({ session: { store } });
    const [mine, reader] = [boardOf(app), boardOf(app)];
    const names = async () => (await reader.gather()).reports.map(({ name }) => name);
    await mine.publish(report('first'));
    await mine.publish(report('second'));
    expect(await names()).toEqual(['second']);
    now += 181_000;
    expect(await names()).toEqual([]);
    await mine.publish(report('third'));
    expect(await names()).toEqual(['third']);
    await mine.publish(report('fourth'));
    expect(await names()).toEqual(['fourth']);
  });

  it('knows 32 processes, and says that there may be others when another one has come', async () => {
    const app = await startApp({ session: { store: memoryStore() } });
    const boards = Array.from({ length: 34 }, () => boardOf(app));
    const publish = async (first: number, end: number) => {
      for (let i = first; i < end; i++) await boards[i]!.publish(report(String(i)));
    };
    const seenBy = async (board: FleetBoard) => {
      const { reports, isFull } = await board.gather();
      return [reports.length, isFull];
    };
    await publish(0, 32);
    expect([await seenBy(boards[0]!), await seenBy(boards[33]!)]).toEqual([
      [31, false],
      [32, false],
    ]);
    await publish(32, 34);
    expect([await seenBy(boards[0]!), await seenBy(boards[33]!)]).toEqual([
      [32, true],
      [33, true],
    ]);
  });

  it('does not add up a report of another version', async () => {
    const app = await startApp({ session: { store: memoryStore() } });
    await boardOf(app).publish({ ...report('newer'), version: '2' });
    expect(await boardOf(app).gather()).toEqual({ reports: [], unreadable: 1, isFull: false });
  });

  it('gives each of several processes that begin at once a place of its own', async () => {
    const app = await startApp({ session: { store: memoryStore() } });
    const names = Array.from({ length: 8 }, (_, i) => `p${i}`);
    await Promise.all(names.map((name) => boardOf(app).publish(report(name))));
    expect((await boardOf(app).gather()).reports.map(({ name }) => name).toSorted()).toEqual(names);
  });
});

const managerOf = ({ app }: TestApp) => app.get<SessionManager>(MANAGER, { strict: false });
const boardOf = (app: TestApp) => FleetBoard.of(managerOf(app).base)!;

/** Waits until so many reports can be read, besides that of an application itself. */
const published = (app: TestApp, reports: number) =>
  expect.poll(async () => (await boardOf(app).gather()).reports.length).toBeGreaterThan(reports);

function report(name: string): ProcessReport {
  const figures = new SessionFigures('default', { steady: () => 0, wall: () => 0 });
  return { ...reportOf(snapshotOf(figures), [], 0), name };
}
