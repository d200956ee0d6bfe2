import { describe, expect, it, onTestFinished } from 'vitest';
import { keysPart } from '../../../lib/checkup/keys-part.js';
import { hintText } from '../../../lib/crypto/key-hint.js';
import { ringPart } from '../../../lib/checkup/ring-part.js';
import type { SessionManager } from '../../../lib/manager/session-manager.js';
import type { ManagedKeys } from '../../../lib/ring/managed-keys.js';
import { RingAdministration } from '../../../lib/ring/ring-administration.js';
import { codes } from '../../support/reporting-process.js';
import { Between, DAY, Fleet, secretOf } from '../ring/fleet.js';

/** What the parts read of a manager. */
const managerOf = (managed: ManagedKeys) =>
  ({
    profiles: [{ crypto: { keys: managed, native: { keys: managed, managed } }, options: { crypto: {} } }],
  }) as unknown as SessionManager;

async function start(fleet: Fleet, ...args: Parameters<Fleet['build']>): Promise<ManagedKeys> {
  const keys = await fleet.start(...args);
  onTestFinished(() => keys.stop());
  return keys;
}

const ring = (keys: ManagedKeys) => ringPart(managerOf(keys));
const keysOf = (keys: ManagedKeys) => keysPart(managerOf(keys));

/** Each process reads and reports, in turn, twice: so that the first knows what the last has said. */
async function settle(...all: ManagedKeys[]): Promise<void> {
  for (const keys of [...all, ...all]) await keys.followQuietly();
}

/** Starts two processes. The second reads the rows as they are now for ever, as from a replica that does not follow. */
async function startStuck(fleet: Fleet): Promise<[one: ManagedKeys, stuck: ManagedKeys]> {
  const store = new Between(fleet.memory);
  const [one, two] = [await start(fleet), await start(fleet, undefined, { store })];
  await settle(one, two);
  const old = await fleet.memory.load('default');
  const { load } = store;
  store.load = async (name) => (name === 'default' ? { ...old, now: fleet.now } : load.call(store, name));
  return [one, two];
}

describe('the ring of a report', () => {
  it('lists the processes that report, and says that they agree', async () => {
    const fleet = new Fleet();
    const [one, two] = [await start(fleet), await start(fleet)];
    await settle(one, two);
    const { facts, findings } = ring(one);
    expect(findings).toEqual([]);
    expect(facts).toMatchObject({ status: 'up', managed: true });
    expect(facts.processes.map(({ state }) => state)).toEqual(['agrees', 'agrees']);
    expect(facts.processes.filter(({ isOwn }) => isOwn)).toHaveLength(1);
    expect(facts.processes[0]!.label).toMatch(/:\d+$/);
  });

  it('names the process that is behind, and what it lacks', async () => {
    const fleet = new Fleet();
    const [one, two] = await startStuck(fleet);
    const { hint } = await new RingAdministration(one).add();
    fleet.pass(60);
    await settle(two, one);
    const { facts, findings } = ring(one);
    expect([facts.status, codes({ findings })]).toEqual(['degraded', ['ring-behind']]);
    expect(facts.processes.find(({ isOwn }) => !isOwn)).toMatchObject({ state: 'behind', lacks: [hint] });
    expect(findings[0]!.message).toContain(`it lacks the keys ${hint}`);
  });

  it('names a process that still opens a revoked key', async () => {
    const fleet = new Fleet();
    const [one, two] = await startStuck(fleet);
    const { hint } = await new RingAdministration(one).revoke(1);
    fleet.pass(60);
    await settle(two, one);
    expect(ring(one).facts.processes.find(({ isOwn }) => !isOwn)).toMatchObject({
      state: 'behind',
      keeps: [hint],
    });
  });

  it('blames nobody who has not had the time to read a change', async () => {
    const fleet = new Fleet();
    const [one, two] = [await start(fleet), await start(fleet)];
    await settle(one, two);
    fleet.pass(10);
    await new RingAdministration(one).add();
    await one.followQuietly();
    expect(codes(ring(one))).toEqual([]);
    expect(codes(ring(two))).toEqual([]);
  });

  it('blames nobody for a change that is younger than his report, also when it has just started', async () => {
    const fleet = new Fleet();
    const [one, two] = [await start(fleet), await start(fleet)];
    await settle(one, two);
    fleet.pass(10);
    await new RingAdministration(one).add();
    fleet.pass(1);
    expect(codes(ring(await start(fleet)))).toEqual([]);
  });

  it('judges as soon as it has started, before it has reported', async () => {
    const fleet = new Fleet();
    const [one, two] = await startStuck(fleet);
    await new RingAdministration(one).add();
    fleet.pass(60);
    await settle(two, one);
    fleet.pass(1);
    const { facts } = ring(await start(fleet));
    expect(facts.processes.map(({ state, isOwn }) => [state, isOwn]).toSorted()).toEqual([
      ['agrees', false],
      ['behind', false],
    ]);
  });

  it('shows a process that says nothing any more for ten minutes, and is not degraded by it', async () => {
    const fleet = new Fleet();
    const [one, two] = [await start(fleet), await start(fleet)];
    await settle(one, two);
    fleet.pass(200);
    await settle(one);
    const silent = ring(one);
    expect([silent.facts.status, codes(silent)]).toEqual(['up', ['ring-silent']]);
    fleet.pass(401);
    await settle(one);
    expect(ring(one).facts.processes).toHaveLength(1);
    await settle(two);
    expect(ring(two).facts.processes).toHaveLength(2);
  });

  it('forgets a process that has stopped', async () => {
    const fleet = new Fleet();
    const [one, two] = [await start(fleet), await start(fleet)];
    await settle(one, two);
    await two.stop();
    await one.followQuietly();
    expect(ring(one).facts.processes).toHaveLength(1);
  });

  it('finds a process with other secrets, and takes no word of a stranger for a report', async () => {
    const fleet = new Fleet();
    const [one] = [await start(fleet)];
    await settle(one);
    const name = 'default\tprocesses';
    const [row] = (await fleet.memory.load(name)).rows;
    await fleet.memory.insert(name, { ...row!, id: 7, wrapped: Buffer.from('{"label":"trust me"}') });
    await one.followQuietly();
    const { facts, findings } = ring(one);
    expect(facts.processes.find(({ id }) => id === 7)).toMatchObject({ label: '', state: 'unreadable' });
    expect(codes({ findings })).toEqual(['ring-unreadable']);
  });

  it('says that a process cannot follow the rows, and why', async () => {
    const fleet = new Fleet();
    const [one, two] = [await start(fleet), await start(fleet)];
    await settle(one, two);
    const broken = (await fleet.rows())[0]!;
    const wrapped = Buffer.from(broken.wrapped);
    wrapped[40]! ^= 1;
    await fleet.memory.update('default', { ...broken, version: 2, wrapped });
    await settle(one, two);
    expect(codes(ring(one))).toContain('ring-failing');
    expect(ring(one).facts.processes.map(({ fault }) => fault)).toEqual(Array(2).fill('ERR_SESSION_CONFIG'));
    expect(codes(keysOf(one))).toEqual(['keys-failing']);
  });

  it('writes no report where the options say so', async () => {
    const fleet = new Fleet();
    const one = await start(fleet, undefined, { reports: false });
    await settle(one);
    expect((await fleet.memory.load('default\tprocesses')).rows).toEqual([]);
    expect(ring(one).facts.processes).toEqual([]);
  });

  it('follows the keys though nobody takes its reports', async () => {
    const fleet = new Fleet();
    const store = new Between(fleet.memory);
    const { load } = store;
    store.load = (name) => (name === 'default' ? load.call(store, name) : Promise.reject(new Error('no')));
    const one = await start(fleet, undefined, { store });
    await settle(one);
    fleet.pass(88 * DAY);
    await settle(one);
    expect(await fleet.states()).toEqual(['1 sealing', '2 published']);
    expect(fleet.told.filter((line) => line.includes('no'))).toEqual([]);
  });
});

describe('the keys of a report', () => {
  it('have the age of the key that seals, by the clock of its store', async () => {
    const fleet = new Fleet();
    const one = await start(fleet);
    fleet.pass(3600);
    await settle(one);
    const { facts } = keysOf(one);
    expect(facts.rings).toMatchObject([{ status: 'up', managed: true, keys: 1, age: 3600, readAgo: 0 }]);
    expect(facts.rings[0]!.seals).toMatch(/^[0-9a-f]{8}$/);
  });

  it('are degraded while the rows are not read', async () => {
    const fleet = new Fleet();
    const one = await start(fleet);
    fleet.pass(70);
    expect(codes(keysOf(one))).toEqual([]);
    fleet.pass(1);
    expect(codes(keysOf(one))).toEqual(['keys-failing']);
    await settle(one);
    expect(codes(keysOf(one))).toEqual([]);
  });

  it('are degraded while nobody rotates', async () => {
    const fleet = new Fleet();
    const one = await start(fleet);
    await settle(one);
    const rows = await fleet.rows();
    fleet.pass(90 * DAY + 3601);
    fleet.memory.load = async () => ({ rows, now: fleet.now });
    fleet.memory.insert = () => Promise.reject(new Error('no privilege'));
    await settle(one);
    expect(codes(keysOf(one))).toContain('keys-rotation-overdue');
  });

  it('have the age of the key that seals, also where the rows could not be read when its time came', async () => {
    const fleet = new Fleet();
    const store = new Between(fleet.memory);
    const one = await start(fleet, undefined, { store });
    fleet.pass(88 * DAY);
    await settle(one);
    store.before = () => Promise.reject(new Error('away'));
    fleet.pass(2 * DAY + 3601);
    await settle(one);
    const { facts, findings } = keysOf(one);
    expect(facts.rings[0]).toMatchObject({ seals: hintText((await fleet.rows())[1]!.hint), age: 3601 });
    expect(codes({ findings })).toEqual(['keys-failing']);
  });

  it('are down while all are revoked', async () => {
    const fleet = new Fleet();
    const one = await start(fleet);
    fleet.memory.insert = () => Promise.reject(new Error('no privilege'));
    await new RingAdministration(one).revoke(1).catch(() => undefined);
    await settle(one);
    const { facts, findings } = keysOf(one);
    expect([facts.status, codes({ findings })]).toEqual(['down', ['keys-none']]);
  });

  it('are wrapped by the secrets that the sources give', async () => {
    const fleet = new Fleet();
    const one = await start(fleet, [secretOf('11'), () => secretOf('22')]);
    expect(keysOf(one).facts.rings[0]!.sources.map(({ kind }) => kind)).toEqual(['literal', 'callback']);
  });
});
