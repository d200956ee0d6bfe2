import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from 'redis';
import { memoryStore } from 'nestjs-session-crypto';
import { redisStore } from 'nestjs-session-crypto/redis';
import { cleanUp, temporaryFolder } from '../support/cleanup.js';
import { convertInto, newApplication, sessionOf, whoIs } from '../support/convert-command.js';
import { runCluster, runRedis, type RunningRedis } from '../support/redis-clients.js';

const FROM = ['--from', 'connect-redis', '--url-env', 'OLD_REDIS'];

describe('session-crypto convert on Redis', () => {
  let server: RunningRedis;
  let client: ReturnType<typeof createClient>;
  const store = () => redisStore({ client, prefix: 'ours:' });

  beforeAll(async () => {
    server = await runRedis();
    process.env['OLD_REDIS'] = `redis://127.0.0.1:${server.port}`;
    client = createClient({ url: process.env['OLD_REDIS'] });
    await client.connect();
  });
  afterAll(async () => {
    client.destroy();
    await server.stop();
  });
  beforeEach(() => client.flushAll());

  /** The command of connect-redis 10. */
  const keep = (id: string, session: object, ttl = 3600) =>
    client.set(`sess:${id}`, JSON.stringify(session), { expiration: { type: 'EX', value: ttl } });
  const run = async (...args: string[]) => {
    const { out, err } = await convertInto(store(), [...FROM, '--json', ...args]);
    if (err) throw new Error(err);
    return JSON.parse(out) as object;
  };
  const ours = async () => (await client.keys('ours:*')).length;

  it('only counts without --write, then converts, converts again what was changed, and ends what has ended', async () => {
    for (const id of ['a', 'b', 'c']) await keep(id, sessionOf('ada', { n: 1 }));
    await client.set('sess:endless', JSON.stringify(sessionOf('eve')));
    expect(await run()).toMatchObject({ converted: 4, write: false });
    expect(await ours()).toBe(0);
    expect(await run('--write')).toMatchObject({ read: 4, converted: 4, ended: 0 });
    expect(await run('--write')).toMatchObject({ present: 4, changed: 0, ended: 0 });
    await keep('a', sessionOf('ada', { n: 2 }));
    await client.expire('sess:b', 9000); // touch
    await client.del('sess:c');
    expect(await run('--write')).toMatchObject({ changed: 2, present: 1, ended: 1 });
    const visitor = await newApplication(store());
    await client.del(['sess:a', 'sess:b', 'sess:endless']);
    expect(await whoIs(visitor('a'))).toMatchObject(['ada', { n: 2 }]);
    expect(await whoIs(visitor('endless'))).toMatchObject(['eve', {}]);
    expect(await whoIs(visitor('c'))).toEqual([null, {}]);
  });

  it('neither overwrites nor revives what our application has taken over', async () => {
    await keep('a', sessionOf('ada', { n: 1 }));
    await keep('b', sessionOf('ada', { n: 1 }));
    await run('--write');
    const visitor = await newApplication(store());
    const [used, out] = [visitor('a'), visitor('b')];
    await used.run((session) => session.set('n', 10));
    await out.run((session) => session.logout());
    for (const id of ['a', 'b']) await keep(id, sessionOf('ada', { n: 2 }));
    expect(await run('--write')).toMatchObject({ migrated: 2, converted: 0, changed: 0 });
    expect(await used.result((session) => session.get('n'))).toBe(10);
    expect(await whoIs(visitor('b'))).toEqual([null, {}]);
  });

  it('stops between two batches, goes on by SCAN’s cursor, and misses none', async () => {
    for (let i = 0; i < 2000; i++) await keep(`id${i}`, sessionOf('ada', { i }));
    const args = [...FROM, '--write', '--json', '--batch', '100'];
    const first = await convertInto(store(), args, { interrupt: true });
    expect([first.status, first.err]).toEqual([
      75,
      expect.stringMatching(/go on with: session-crypto convert/),
    ]);
    const { converted } = JSON.parse(first.out) as { converted: number };
    const rest = await convertInto(store(), [...first.again!, '--json']);
    expect(rest.status).toBe(0);
    const second = JSON.parse(rest.out) as { converted: number };
    expect(converted).toBeGreaterThan(0);
    expect(converted + second.converted).toBe(2000);
  });

  it('refuses an empty store, another database, and the loss of most sessions; changes nothing', async () => {
    const ids = Array.from({ length: 18 }, (_, i) => `id${i}`);
    for (const id of ids) await keep(id, sessionOf('ada', { id }));
    await run('--write');
    const refuse = async (url: string, message: RegExp) => {
      process.env['WRONG_REDIS'] = url;
      for (const more of [['--write'], []]) {
        const said = await convertInto(store(), [
          '--from',
          'connect-redis',
          '--url-env',
          'WRONG_REDIS',
          ...more,
        ]);
        expect([said.status, said.out, said.err]).toEqual([65, '', expect.stringMatching(message)]);
        expect(said.err.trim().split('\n')).toHaveLength(1);
      }
    };
    const old = process.env['OLD_REDIS']!;
    await client.select(5);
    for (const id of ids) await keep(id, sessionOf('eve', { id: 'other' }));
    await client.select(0);
    await refuse(
      `${old}/5`,
      /sess:\* is in another database, or at another address, than the sessions .* check the address/,
    );
    await refuse(`${old}/7`, /sess:\* is in another database/);
    for (const id of ids.slice(9)) await client.del(`sess:${id}`);
    expect(await run()).toMatchObject({ ended: 9 }); // half of them can have logged out
    await client.del('sess:id0');
    await refuse(
      old,
      /sess:\* would end 10 of the 18 sessions that were converted from it, so nothing was changed/,
    );
    await client.del(ids.map((id) => `sess:${id}`));
    await refuse(old, /sess:\* is empty and would end 18 of the 18/);
    const visitor = await newApplication(store());
    expect(await whoIs(visitor('id0'))).toMatchObject(['ada', { id: 'id0' }]);
    expect(await run('--write', '--end-missing')).toMatchObject({ ended: 17, changed: 0 });
    expect(await whoIs(visitor('id1'))).toEqual([null, {}]);
  });

  it('counts another database as the old one after --end-missing', async () => {
    for (const id of ['a', 'b']) await keep(id, sessionOf('ada', { id }));
    await run('--write');
    await client.copy('sess:a', 'sess:a', { DB: 5 });
    process.env['MOVED'] = `${process.env['OLD_REDIS']}/5`;
    const moved = async (...args: string[]) => {
      const said = await convertInto(store(), [
        '--from',
        'connect-redis',
        '--url-env',
        'MOVED',
        '--json',
        ...args,
      ]);
      return JSON.parse(said.out) as object;
    };
    expect(await moved('--write', '--end-missing')).toMatchObject({ changed: 1, ended: 1 });
    expect(await moved('--write')).toMatchObject({ present: 1, changed: 0, ended: 0 });
  });

  it('goes on by --after in the same database and prefix only', async () => {
    for (let i = 0; i < 300; i++) await keep(`id${i}`, sessionOf('ada', { i }));
    const stopped = await convertInto(store(), [...FROM, '--write', '--batch', '10'], { interrupt: true });
    const mark = stopped.again!.at(-1)!;
    process.env['OTHER_REDIS'] = `${process.env['OLD_REDIS']}/5`;
    const others = [
      [...FROM, '--prefix', 'other:'],
      ['--from', 'connect-redis', '--url-env', 'OTHER_REDIS'],
    ];
    for (const flags of others) {
      const { status, err } = await convertInto(store(), [...flags, '--after', mark]);
      expect([status, err]).toEqual([64, expect.stringMatching(/--after is no mark of these sessions/)]);
    }
    expect((await convertInto(store(), [...FROM, '--after', mark])).status).toBe(0);
  });

  it('ends no session that was converted from another server, and goes on by no mark of one', async () => {
    const other = await runRedis();
    process.env['OTHER_SERVER'] = `redis://127.0.0.1:${other.port}`;
    const fromOther = ['--from', 'connect-redis', '--url-env', 'OTHER_SERVER'];
    const elsewhere = createClient({ url: process.env['OTHER_SERVER'] });
    try {
      await elsewhere.connect();
      await elsewhere.set('sess:z', JSON.stringify(sessionOf('zoe')), {
        expiration: { type: 'EX', value: 3600 },
      });
      for (let i = 0; i < 9; i++) await keep(`id${i}`, sessionOf('ada', { i }));
      await run('--write');
      const stopped = await convertInto(store(), [...FROM, '--batch', '1'], { interrupt: true });
      const said = await convertInto(store(), [...fromOther, '--write']);
      expect([said.status, said.out, said.err]).toEqual([
        65,
        '',
        expect.stringMatching(/sess:\* is in another database, or at another address, than the sessions/),
      ]);
      const visitor = await newApplication(store());
      expect(await whoIs(visitor('id0'))).toMatchObject(['ada', { i: 0 }]);
      const mark = stopped.again!.at(-1)!;
      const marked = await convertInto(store(), [...fromOther, '--after', mark, '--end-missing']);
      expect([marked.status, marked.err]).toEqual([64, expect.stringMatching(/--after is no mark/)]);
    } finally {
      elsewhere.destroy();
      await other.stop();
    }
  });

  it('knows the server again by another user, and by another form of the database', async () => {
    await keep('a', sessionOf('ada'));
    await run('--write');
    await client.aclSetUser('another', ['on', '>tea', '~*', '+@all']);
    process.env['AS_READER'] = `redis://another:tea@127.0.0.1:${server.port}/00`;
    const again = await convertInto(store(), ['--from', 'connect-redis', '--url-env', 'AS_READER', '--json']);
    expect(JSON.parse(again.out)).toMatchObject({ present: 1 });
  });

  it('goes on by no mark after a restart of the server, where SCAN’s cursor means another place', async () => {
    const kept = ['--dir', await temporaryFolder(), '--appendonly', 'yes', '--appendfsync', 'always'];
    const before = await runRedis(...kept);
    cleanUp(() => before.stop());
    process.env['RESTARTED'] = `redis://127.0.0.1:${before.port}`;
    const from = ['--from', 'connect-redis', '--url-env', 'RESTARTED', '--write', '--json'];
    const old = createClient({ url: process.env['RESTARTED'] });
    await old.connect();
    for (let i = 0; i < 500; i++) await old.set(`sess:id${i}`, JSON.stringify(sessionOf('ada', { i })));
    old.destroy();
    const first = await convertInto(store(), [...from, '--batch', '100'], { interrupt: true });
    await before.stop();
    const after = await runRedis(...kept, '--port', `${before.port}`);
    cleanUp(() => after.stop());
    const { status, out, err } = await convertInto(store(), [...first.again!, '--json']);
    expect([status, out, err]).toEqual([
      64,
      '',
      expect.stringMatching(/or the server was started again since; .* or begin without it$/m),
    ]);
    const whole = await convertInto(store(), from);
    const { converted, present } = JSON.parse(whole.out) as Record<string, number>;
    expect([whole.status, converted! + present!]).toEqual([0, 500]);
  });

  it('prints what it has converted before our store fails, and how to go on', async () => {
    for (let i = 0; i < 500; i++) await keep(`id${i}`, sessionOf('ada', { i }));
    const memory = memoryStore();
    const create = memory.create.bind(memory);
    let created = 0;
    memory.create = (row) => (++created > 300 ? Promise.reject(new Error('hunter2')) : create(row));
    const args = [...FROM, '--write', '--json', '--batch', '100'];
    const { status, out, err } = await convertInto(memory, args);
    const { read, converted } = JSON.parse(out) as { read: number; converted: number };
    expect([status, read]).toEqual([69, converted]);
    expect([converted > 0, converted <= 300]).toEqual([true, true]);
    expect(err).toMatch(
      /^go on with: session-crypto convert .*\nsession-crypto: the store failed in "create"/,
    );
  });

  it('repeats no address that was given in the place of a name', async () => {
    const { status, err } = await convertInto(store(), [
      '--from',
      'connect-redis',
      '--url-env',
      'redis://:tea@db/0',
    ]);
    expect([status, err]).toEqual([64, expect.stringMatching(/--url-env needs the name of a variable/)]);
    expect(err).not.toMatch(/tea/);
  });

  it('counts a key of another type, and refuses a prefix without sessions', async () => {
    await keep('a', sessionOf('ada'));
    await client.hSet('sess:hash', { secret: 'tea' });
    const one = await convertInto(store(), [...FROM, '--write']);
    expect([one.status, one.out]).toEqual([1, expect.stringMatching(/unreadable +1 {2}no JSON object: 1/)]);
    const before = await ours();
    const none = await convertInto(store(), [...FROM, '--prefix', 'ours:', '--write']);
    expect([none.status, none.out, await ours()]).toEqual([65, '', before]);
    expect(none.err).toMatch(/^session-crypto: connect-redis ours:\* holds no sessions of express-session/);
    expect(one.out + none.err).not.toMatch(/tea|\bada\b/);
  });

  it('ends with 77 where Redis refuses the user, and with 69 where it does not answer', async () => {
    await keep('a', sessionOf('ada'));
    await client.aclSetUser('reader', ['on', '>tea', '~other:*', '+@all']);
    process.env['NO_READ'] = `redis://reader:tea@127.0.0.1:${server.port}`;
    const unread = await convertInto(store(), ['--from', 'connect-redis', '--url-env', 'NO_READ']);
    expect([unread.status, unread.err]).toEqual([
      77,
      expect.stringMatching(/Redis refuses this user \(NOPERM\); let it run SCAN/),
    ]);
    process.env['WRONG'] = `redis://reader:wrong@127.0.0.1:${server.port}`;
    const wrong = await convertInto(store(), ['--from', 'connect-redis', '--url-env', 'WRONG']);
    expect([wrong.status, wrong.err]).toEqual([77, expect.stringMatching(/WRONGPASS/)]);
    process.env['AWAY'] = 'redis://127.0.0.1:1';
    const away = await convertInto(store(), ['--from', 'connect-redis', '--url-env', 'AWAY']);
    expect([away.status, away.err]).toEqual([
      69,
      expect.stringMatching(/Redis of the old sessions does not answer/),
    ]);
    expect(unread.err + wrong.err).not.toMatch(/tea|wrong/);
  });

  it('needs no right to count the keys of the database', async () => {
    await keep('a', sessionOf('ada'));
    await client.aclSetUser('counter', ['on', '>tea', '~*', '+@all', '-dbsize']);
    process.env['NO_COUNT'] = `redis://counter:tea@127.0.0.1:${server.port}`;
    const args = ['--from', 'connect-redis', '--url-env', 'NO_COUNT', '--json'];
    const { status, out, err } = await convertInto(store(), args);
    expect([status, err, JSON.parse(out)]).toMatchObject([0, '', { converted: 1 }]);
  });

  it('refuses a Cluster, of which it would see a part', async () => {
    const cluster = await runCluster();
    try {
      process.env['CLUSTER'] = `redis://127.0.0.1:${cluster.port}`;
      const { status, err } = await convertInto(store(), ['--from', 'connect-redis', '--url-env', 'CLUSTER']);
      expect([status, err]).toEqual([65, expect.stringMatching(/is one of a Redis Cluster/)]);
    } finally {
      await cluster.stop();
    }
  });
});
