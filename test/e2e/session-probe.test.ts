import { cookieStore, memoryStore, type SessionStore } from 'nestjs-session-crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { RecordingProbe } from '../support/recording-probe.js';
import { ScriptApp, type Client, type Script } from '../support/script-app.js';

const write: Script = (session) => session.set('n', Math.random());
const read: Script = (session) => session.get('n');

describe.each(ADAPTER_NAMES)('a probe on %s', (adapter) => {
  let app: ScriptApp;
  let client: Client;
  let probe: RecordingProbe;
  const stepsOf = async (script: Script, visitor = client) => {
    probe.take();
    await visitor.run(script);
    return probe.take();
  };

  describe('of sessions in a store', () => {
    beforeEach(async () => {
      app = await ScriptApp.start({ store: memoryStore() }, adapter);
      client = app.client();
      await client.run(write);
      probe = new RecordingProbe();
      app.sessions.observe(probe);
    });

    it('sees nothing of a request that does not touch the session, or brings none', async () => {
      await client.send('GET', '/untouched');
      await app.client().run(read);
      expect(probe.take()).toEqual([]);
      expect(probe.hints).toEqual([]);
    });

    it('sees a read as one open with one load, by the key of the reference and of the row', async () => {
      expect(await stepsOf(read)).toEqual(['open', 'load']);
      expect(probe.hints).toEqual([expect.stringMatching(/^[0-9a-f]{8}$/), probe.hints[0]]);
    });

    it('sees a change as a commit besides, with its seal and the operation of the store', async () => {
      expect(await stepsOf(write)).toEqual(['open', 'load', 'commit', 'seal', 'store replace']);
    });

    it('sees how a session begins, moves and ends', async () => {
      const other = app.client();
      expect(await stepsOf(write, other)).toEqual(['commit', 'seal', 'store create']);
      const login = await stepsOf((session) => session.login('ada'), other);
      expect(login).toEqual(['open', 'load', 'commit', 'seal', 'store move']);
      const logout = await stepsOf((session) => session.logout(), other);
      expect(logout).toEqual(expect.arrayContaining(['open', 'load', 'commit', 'store destroy']));
    });

    it('sees a commit only where something is due', async () => {
      app.ahead = 61;
      expect(await stepsOf(read)).toEqual(['open', 'load', 'commit', 'seal', 'store touch']);
      expect(await stepsOf(read)).toEqual(['open', 'load']);
    });

    it('sees a forged reference as an open that loads nothing', async () => {
      const forger = app.client();
      forger.jar.set('sid', 'A'.repeat(71));
      expect(await stepsOf(read, forger)).toEqual(['open']);
      expect(probe.hints).toEqual([]);
    });

    it('sees every step end', async () => {
      for (const script of [read, write, (session) => session.login('ada')] satisfies Script[])
        await client.run(script);
      expect(probe.steps.filter(({ ended, outcome }) => !ended || outcome !== undefined)).toEqual([]);
    });

    it('sees how many rows a prune has removed', async () => {
      app.ahead = 100_000;
      await app.sessions.prune({ exact: true });
      expect(probe.steps.filter(({ step }) => step === 'prune')).toMatchObject([{ count: 1, ended: true }]);
    });

    it('sees nothing more once it is detached', async () => {
      const other = new RecordingProbe();
      app.sessions.observe(other)();
      await client.run(write);
      expect(other.steps).toEqual([]);
      expect(probe.steps).toHaveLength(5);
    });
  });

  it('sees an open and a seal of a session in the cookie', async () => {
    app = await ScriptApp.start({ store: cookieStore() }, adapter);
    client = app.client();
    probe = new RecordingProbe();
    app.sessions.observe(probe);
    expect(await stepsOf(write)).toEqual(['commit', 'seal']);
    expect(await stepsOf(write)).toEqual(['open', 'commit', 'seal']);
    expect(await stepsOf(read)).toEqual(['open']);
    expect(probe.hints).toHaveLength(2);
  });

  it('sees what a store fails with', async () => {
    const store = memoryStore() as SessionStore;
    app = await ScriptApp.start({ store }, adapter);
    client = app.client();
    await client.run(write);
    probe = new RecordingProbe();
    app.sessions.observe(probe);
    store.load = () => Promise.reject(Object.assign(new Error('no route'), { code: 'EHOSTUNREACH' }));
    expect((await client.run(read)).status).toBe(503);
    expect(probe.steps.map(({ step, outcome }) => [step, outcome])).toEqual([
      ['open', 'EHOSTUNREACH'],
      ['load', 'EHOSTUNREACH'],
    ]);
  });

  it('sees which saves wait and are joined, and which are merged with those of another process', async () => {
    const store = memoryStore();
    const apps = [await ScriptApp.start({ store }, adapter), await ScriptApp.start({ store }, adapter)];
    const [one, other] = apps as [ScriptApp, ScriptApp];
    client = one.client();
    await client.run(write);
    probe = new RecordingProbe();
    one.sessions.observe(probe);
    const all = Array.from({ length: 8 }, (_, i) =>
      client.copy().run((session) => session.set(`key${i}`, 1)),
    );
    await Promise.all(all);
    const waits = probe.steps.filter(({ step }) => step === 'wait save');
    expect(probe.joins).toBeLessThanOrEqual(waits.length);
    expect(waits.every(({ ended }) => ended)).toBe(true);
    const elsewhere = client.copy(other.url);
    await client.run(async (session) => {
      session.set('mine', 1);
      await elsewhere.run((theirs) => theirs.set('theirs', 1));
    });
    expect(probe.merges).toBe(1);
    expect(await client.result((session) => [session.get('mine'), session.get('theirs')])).toEqual([1, 1]);
  });
});
