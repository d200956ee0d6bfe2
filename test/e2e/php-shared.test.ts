import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { chown, open, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SessionCryptoOptions } from 'nestjs-session-crypto';
import { fileStore, type SharedUnsealedOptions } from 'nestjs-session-crypto/php';
import { FileLock } from '../../lib/php/shared/file-lock.js';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { Client, type Script, ScriptApp } from '../support/script-app.js';
import { SECRET } from '../support/test-app.js';
import { underWay } from './support/hold.js';
import { useFolders } from '../unit/php/sealed/stores.js';

const newFolder = useFolders();
const ID = 'abcdefgh'.repeat(4);
const OTHER = 'ABCDEFGH'.repeat(4);
const turn = () => new Promise((resolve) => setImmediate(resolve));
/** Tries again and again for so many milliseconds, while only other threads go on. */
function takenWithin(time: number, take: () => boolean): boolean {
  const until = performance.now() + time;
  while (performance.now() < until) if (take()) return true;
  return false;
}
const OWN = /_nsc\|s:\d+:"[\w-]{100,}";/;

describe.each(ADAPTER_NAMES)('on %s, files that PHP shares', (adapter) => {
  let app: ScriptApp;
  let path: string;
  beforeEach(async () => {
    path = await newFolder();
  });

  const start = async (
    options: Partial<SessionCryptoOptions> = {},
    unsealed: Partial<SharedUnsealedOptions> = {},
  ): Promise<Client> => {
    const store = fileStore({ path, sharedUnsealed: { serializer: 'php', ...unsealed } });
    app = await ScriptApp.start({ store, prune: { interval: 0 }, ...options }, adapter);
    return app.client();
  };
  const files = () => readdir(path);
  const fileOf = (id: string) => join(path, `sess_${id}`);
  const textOf = (id: string) => readFile(fileOf(id), 'latin1');
  const put = (id: string, text: string) => writeFile(fileOf(id), text, { encoding: 'latin1', mode: 0o600 });
  const bring = (client: Client, id: string) => {
    client.jar.set('PHPSESSID', id);
    return client;
  };
  const idOf = (client: Client) => decodeURIComponent(client.jar.get('PHPSESSID') ?? '');
  const all = (client: Client) => client.result((session) => session.all());

  it('send no cookie over that of a login that came between a read and its touch', async () => {
    const client = await start({ cookie: { lifetime: 86_400 } });
    await client.run((session) => session.set('a', 1));
    const other = client.copy();
    app.ahead += 61;
    const slow = await underWay(other, (session) => session.get('a'));
    await client.run((session) => session.login('ada'));
    expect((await slow.finish()).cookies).toEqual([]);
    app.ahead += 61;
    expect((await client.run((session) => session.get('a'))).cookies).toHaveLength(1);
  });

  it('hold a session in clear under its id, which the cookie says as PHP does', async () => {
    const client = await start();
    const { cookies } = await client.run((session) => session.set('a', 1));
    const id = idOf(client);
    expect(id).toMatch(/^[A-Za-z0-9,-]{48}$/);
    expect(cookies).toEqual([
      `PHPSESSID=${encodeURIComponent(id)}; Path=/; HttpOnly; SameSite=Lax; Priority=High`,
    ]);
    expect(await files()).toEqual([`sess_${id}`]);
    expect((await textOf(id)).replace(OWN, '')).toBe('a|i:1;');
  });

  it.each([
    ['php_serialize', /^a:2:\{s:1:"a";i:1;s:4:"_nsc";s:\d+:"[\w-]+";\}$/],
    ['php_binary', /^[^\w]ai:1;[^\w]_nscs:\d+:"[\w-]+";$/],
  ] as const)('have the form of %s where PHP has', async (serializer, form) => {
    const client = await start({}, { serializer });
    await client.run((session) => session.set('a', 1));
    expect(await textOf(idOf(client))).toMatch(form);
    expect(await all(client)).toEqual({ a: 1 });
  });

  it('have ids of the length and the letters that are asked for', async () => {
    const client = await start({ id: { length: 32, bitsPerCharacter: 4 } });
    const seen = new Set<string>();
    for (let i = 0; i < 20; i++) {
      const visitor = client.copy();
      await visitor.run((session) => session.set('a', 1));
      expect(idOf(visitor)).toMatch(/^[0-9a-f]{32}$/);
      seen.add(idOf(visitor));
    }
    expect(seen.size).toBe(20);
  });

  it('give sessions a public id that is no credential', async () => {
    const client = await start();
    await client.run((session) => session.set('a', 1));
    const id = (await client.result((session) => session.id)) as string;
    expect(id).toBe(
      createHash('sha256')
        .update(`php\0${idOf(client)}`)
        .digest('base64url'),
    );
    expect(await client.result((session) => [session.isNew])).toEqual([false]);
    expect(await all(bring(client, id))).toEqual({});
  });

  it('are read with a comma in either spelling', async () => {
    const id = `,${ID}`;
    await put(id, 'a|i:1;');
    const client = await start();
    for (const spelling of [id, encodeURIComponent(id), id.replace(',', '%2c')])
      expect(await all(bring(client, spelling))).toEqual({ a: 1 });
  });

  it.each(['', '../../etc/passwd', 'a'.repeat(257), `${ID}/`, `${ID}%00`, 'ä'.repeat(30)])(
    'answer the id %j with no session, and forget what is no id',
    async (id) => {
      const client = await start();
      const { status, cookies } = await bring(client, id).run((session) => session.all());
      expect(status).toBe(201);
      expect(cookies).toEqual(['PHPSESSID=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly; SameSite=Lax; Priority=High']); // prettier-ignore
      expect(app.seen('rejected')).toHaveLength(1);
    },
  );

  it.each([ID, 'a', 'user42', 'a'.repeat(21), 'a'.repeat(256)])(
    'are never begun under %s, an id of PHP that came from outside, and leave its cookie alone until then',
    async (id) => {
      const client = bring(await start(), id);
      expect((await client.run((session) => session.all())).cookies).toEqual([]);
      await client.run((session) => session.set('a', 1));
      expect(await files()).toEqual([`sess_${idOf(client)}`]);
      expect(idOf(client)).not.toBe(id);
    },
  );

  it('are not written by a request that only reads, once their clocks have begun', async () => {
    await put(ID, 'a|i:1;');
    const client = bring(await start(), ID);
    await all(client); // begins the absolute clock
    const [text, { mtimeMs }] = [await textOf(ID), await stat(fileOf(ID))];
    expect(text.replace(OWN, '')).toBe('a|i:1;');
    expect(await all(client)).toEqual({ a: 1 });
    expect([await textOf(ID), (await stat(fileOf(ID))).mtimeMs]).toEqual([text, mtimeMs]);
    await client.run((session) => session.touch());
    expect(await textOf(ID)).toBe(text);
  });

  it('are not written for a clock where there is none', async () => {
    await put(ID, 'a|i:1;');
    const client = bring(await start({ session: { absoluteTimeout: 0 } }), ID);
    await all(client);
    expect(await textOf(ID)).toBe('a|i:1;');
  });

  it('keep the place and the bytes of what did not change', async () => {
    const text = 'b|d:1;x|O:1:"X":1:{s:4:"\0X\0p";d:-0;}i|d:INF;r|a:1:{i:0;O:1:"Y":0:{}}q|r:7;e|E:3:"S:H";';
    await put(ID, `a|i:1;${text}c|s:2:"\xff\xfe";`);
    const client = bring(await start({ session: { absoluteTimeout: 0 } }), ID);
    await client.run((session) => session.set('a', 2));
    const written = await textOf(ID);
    expect(written.replace(OWN, '')).toBe(`a|i:2;${text}c|s:2:"\xff\xfe";`);
    await client.run((session) => session.delete('a'));
    await client.run((session) => session.set('z', 'ä'));
    expect((await textOf(ID)).replace(OWN, '')).toBe(
      `${text.replace('q|r:7', 'q|r:6')}c|s:2:"\xff\xfe";z|s:2:"\xc3\xa4";`,
    );
  });

  it('hide who logged in, and have a new id then', async () => {
    const client = await start();
    await client.run((session) => session.set('a', 1));
    const old = client.copy();
    await client.run((session) => session.login('ada'));
    const id = idOf(client);
    expect(await files()).toEqual([`sess_${id}`]);
    expect(await textOf(id)).not.toMatch(/ada|YWRh/);
    expect(await client.result((session) => session.subject)).toBe('ada');
    expect(await all(old)).toEqual({});
    await client.run((session) => session.logout());
    expect(await files()).toEqual([]);
  });

  it('are of nobody where our part was forged, or copied from another session', async () => {
    const client = await start();
    await client.run(async (session) => {
      session.set('a', 1);
      await session.login('ada');
    });
    const own = OWN.exec(await textOf(idOf(client)))![0];
    const forged = own.replace(/.(?=";$)/, (last) => (last === 'A' ? 'Q' : 'A'));
    for (const [id, part] of [
      [ID, own],
      [OTHER, forged],
    ] as const) {
      await put(id, `a|i:2;${part}`);
      const thief = bring(client.copy(), id);
      expect(await thief.result((session) => [session.subject ?? 'nobody', session.all()])).toEqual([
        'nobody',
        { a: 2 },
      ]);
    }
    await put(idOf(client), `a|i:3;${own}`);
    expect(await client.result((session) => session.subject)).toBe('ada');
    await put(idOf(client), `a|i:3;${forged}`);
    expect(await client.result((session) => session.subject ?? 'nobody')).toBe('nobody');
  });

  it('are sealed anew under a new secret, and without the old one keep their data and no login', async () => {
    const [next, last] = [`hex:${'22'.repeat(32)}`, `hex:${'33'.repeat(32)}`];
    const client = await start();
    await client.run((session) => session.login('ada'));
    await client.run((session) => session.set('a', 1));
    const old = OWN.exec(await textOf(idOf(client)))![0];
    const renewed = client.copy((await start({ crypto: { secrets: [next, SECRET] } })).url);
    expect(await renewed.result((session) => session.subject)).toBe('ada');
    expect(OWN.exec(await textOf(idOf(client)))![0]).not.toBe(old);
    const later = client.copy((await start({ crypto: { secrets: [next] } })).url);
    expect(await later.result((session) => session.subject)).toBe('ada');
    const without = client.copy((await start({ crypto: { secrets: [last] } })).url);
    expect(await without.result((session) => [session.subject ?? 'nobody', session.all()])).toEqual([
      'nobody',
      { a: 1 },
    ]);
  });

  it('say who is logged in by a variable, where that is asked for, and are told of a login here', async () => {
    await put(ID, 'user|i:42;');
    const client = bring(await start({}, { subjectKey: 'user' }), ID);
    const facts = () =>
      client.result((session) => [session.subject ?? 'nobody', session.authenticatedAt !== undefined]);
    expect(await facts()).toEqual(['42', false]);
    await client.run((session) => session.login('43'));
    expect(await facts()).toEqual(['43', true]);
    expect(await textOf(idOf(client))).toMatch(/user\|s:2:"43";/);
    const text = await textOf(idOf(client));
    await put(idOf(client), text.replace('s:2:"43"', 's:2:"44"'));
    expect(await facts()).toEqual(['44', false]);
    await put(idOf(client), 'user|a:0:{}');
    expect(await facts()).toEqual(['nobody', false]);
  });

  it('give nothing of a user to the next, also not what is never shown', async () => {
    const client = await start({}, { subjectKey: 'user' });
    await put(ID, 'user|s:3:"ada";secret|E:3:"S:H";name|s:1:"a";');
    await bring(client, ID).run((session) => session.login('bob'));
    expect((await textOf(idOf(client))).replace(OWN, '')).toBe('user|s:3:"bob";');
  });

  it.each([
    ['PHP has logged another in', { subjectKey: 'user' }, 'user|s:3:"bob";'],
    ['PHP has logged them out', { subjectKey: 'user' }, 'a|i:1;'],
    ['PHP has emptied it', {}, ''],
  ])('keep what a user did out of their session once %s', async (_, unsealed, text) => {
    const client = await start({ session: { absoluteTimeout: 0 } }, unsealed);
    const changes: Script[] = [(session) => session.set('card', 1), (session) => session.regenerate()];
    for (const [i, change] of changes.entries()) {
      await client.run((session) => session.login('ada'));
      const id = idOf(client);
      await client.run(async (session) => {
        session.set('card', 1);
        await put(id, text);
        await change(session);
      });
      expect(await textOf(id)).toBe(text);
      expect(idOf(client)).toBe(id);
      expect(app.seen('dropped')).toHaveLength(i + 1);
    }
  });

  it('log nobody in by set, and out where the variable that says who it is was taken away', async () => {
    const client = bring(await start({}, { subjectKey: 'user' }), ID);
    await put(ID, 'user|i:42;hidden|E:3:"S:H";');
    expect((await client.run((session) => session.set('user', 43))).status).toBe(500);
    expect((await client.copy().run((session) => session.update('user', () => '43'))).status).toBe(500);
    expect(await client.result((session) => session.subject)).toBe('42');
    const subject = await client.result(async (session) => {
      session.clear();
      await session.save();
      session.set('a', 1);
      await session.save();
      return session.subject ?? 'nobody';
    });
    expect(subject).toBe('nobody');
    expect((await textOf(ID)).replace(OWN, '')).toBe('a|i:1;');
  });

  it.each(['_nsc', 'a|b', '5', '\0a'])(
    'refuse the key %j where it is set, and change nothing',
    async (key) => {
      const client = await start();
      await client.run((session) => session.set('a', 1));
      const text = await textOf(idOf(client));
      expect((await client.run((session) => session.set(key, 1))).status).toBe(500);
      expect(await textOf(idOf(client))).toBe(text);
    },
  );

  it('refuse half a character where it is set', async () => {
    const client = await start();
    const refused = client.result((session) => {
      try {
        session.set('a', 'half \ud800');
        return 'taken';
      } catch (error) {
        return (error as { code?: string }).code;
      }
    });
    expect(await refused).toBe('ERR_SESSION_VALUE');
  });

  it('show all that they may hold', async () => {
    const client = await start({ session: { payloadLimit: 4_194_304 } });
    await client.run((session) => session.set('a', 'x'.repeat(2_000_000)));
    await client.run((session) => session.set('b', 1));
    expect(await client.result((session) => session.get('a') === 'x'.repeat(2_000_000))).toBe(true);
  });

  it('refuse what is too large, and keep what was there', async () => {
    const client = await start({ session: { payloadLimit: 2000 } });
    await client.run((session) => session.set('a', 1));
    expect((await client.run((session) => session.set('b', 'x'.repeat(2000)))).status).toBe(500);
    expect(await all(client)).toEqual({ a: 1 });
  });

  it('are no session while nobody can read them, and are left for PHP', async () => {
    await put(ID, 'this is none');
    const client = bring(await start(), ID);
    const { cookies } = await client.run((session) => session.all());
    expect(cookies).toEqual([]);
    expect(await textOf(ID)).toBe('this is none');
    expect(app.seen('rejected')).toEqual([{ session: 'default', reason: 'payload' }]);
  });

  it('end when they idle, by the clock of the file', async () => {
    await put(ID, 'a|i:1;');
    const client = bring(await start(), ID);
    await utimes(fileOf(ID), new Date(), new Date(Date.now() - 1_430_000));
    expect(await all(client)).toEqual({ a: 1 });
    await utimes(fileOf(ID), new Date(), new Date(Date.now() - 1_450_000));
    expect(await all(client)).toEqual({});
  });

  it('end at the absolute deadline, however they are used', async () => {
    await put(ID, 'a|i:1;');
    const client = bring(await start({ session: { idleTimeout: 0, absoluteTimeout: 1000 } }), ID);
    expect(await all(client)).toEqual({ a: 1 });
    app.ahead = 990;
    await client.run((session) => session.set('a', 2));
    app.ahead = 1010;
    expect(await all(client)).toEqual({});
  });

  it('lose nothing of twenty requests at once', async () => {
    const client = await start();
    await client.run((session) => session.set('n', 0));
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        client.copy().run((session) => {
          session.increment('n');
          session.set(`k${i}`, i);
        }),
      ),
    );
    expect(Object.keys((await all(client)) as object)).toHaveLength(21);
    expect(await client.result((session) => session.get('n'))).toBe(20);
  });

  it('keep what somebody else has written while a request ran, and add to what is there', async () => {
    await put(ID, 'n|i:1;a|i:1;');
    const client = bring(await start({ session: { absoluteTimeout: 0 } }), ID);
    await client.run(async (session) => {
      session.get('n');
      await put(ID, 'n|i:10;php|i:1;');
      session.increment('n');
      session.set('nest', 1);
    });
    expect(await all(client)).toEqual({ n: 11, php: 1, nest: 1 });
  });

  it('tell of a key that both have set, or refuse it with 409', async () => {
    for (const [onConflict, status, a] of [
      ['last-wins', 201, 'mine'],
      ['reject', 409, 'theirs'],
    ] as const) {
      await put(ID, 'a|i:1;');
      const client = bring(await start({ session: { onConflict, absoluteTimeout: 0 } }), ID);
      const answer = await client.run(async (session) => {
        session.get('a');
        await put(ID, 'a|s:6:"theirs";');
        session.set('a', 'mine');
      });
      expect(answer.status).toBe(status);
      expect(app.seen('conflict')).toMatchObject([{ keys: ['a'], refused: status === 409 }]);
      expect(await all(client)).toEqual({ a });
    }
  });

  it('move as they are by then when somebody logs in', async () => {
    await put(ID, 'a|i:1;');
    const client = bring(await start(), ID);
    await client.run(async (session) => {
      await session.login('ada');
      await put(ID, 'a|i:1;b|i:2;');
    });
    expect(await all(client)).toEqual({ a: 1, b: 2 });
    expect(await files()).toEqual([`sess_${idOf(client)}`]);
  });

  it('take no change once they were ended meanwhile', async () => {
    const client = await start();
    await client.run((session) => session.set('a', 1));
    const other = client.copy();
    const { cookies } = await client.run(async (session) => {
      session.set('b', 1);
      await other.run((twin) => twin.destroy());
    });
    expect(cookies).toEqual([]);
    expect(await files()).toEqual([]);
    expect(app.seen('dropped')).toEqual([{ session: 'default', why: 'gone' }]);
  });

  it('answer 503 while somebody else holds them for too long, and the store is not down for that', async () => {
    await put(ID, 'a|i:1;');
    const client = bring(await start({ session: { commitTimeout: 1, absoluteTimeout: 0 } }), ID);
    const lock = await FileLock.load('store');
    const handle = await open(fileOf(ID));
    lock.tryTake(handle.fd, 'exclusive');
    expect((await client.run((session) => session.all())).status).toBe(503);
    const writing = client.run(async (session) => {
      await all(client.copy()).catch(() => undefined);
      session.set('a', 2);
    });
    await handle.close();
    expect((await writing).status).toBe(201);
    expect(app.seen('storeDown')).toEqual([]);
    expect(await all(client)).toEqual({ a: 2 });
  });

  it.skipIf(process.geteuid?.() !== 0)('tell the log once why PHP is not understood, and no id', async () => {
    await put(ID, 'a|i:1;');
    await put(OTHER, 'a:1:{s:1:"a";i:1;}');
    await chown(fileOf(ID), 33, 33);
    const client = await start();
    const said: string[] = [];
    const keep = (message: string) => void said.push(message);
    Logger.overrideLogger({ log() {}, warn: keep, error: keep, debug() {} });
    try {
      for (const id of [ID, OTHER, ID, OTHER]) expect(await all(bring(client, id))).toEqual({});
    } finally {
      Logger.overrideLogger(false);
    }
    expect(said).toEqual([
      'A session file belongs to another user (uid 33, this process is uid 0), so it is ignored: run PHP and this application as one user',
      'A session file was not written by the serializer "php", so it is ignored: set sharedUnsealed.serializer to the session.serialize_handler of PHP',
    ]);
  });

  it('are gone before their lock is let go when they end', async () => {
    const client = await start();
    await client.run((session) => session.set('a', 1));
    const lock = await FileLock.load('store');
    const fd = openSync(fileOf(idOf(client)), 'r');
    const ended = client.run((session) => session.logout());
    while (fstatSync(fd).size) await turn();
    while (!takenWithin(2, () => lock.tryTake(fd, 'exclusive'))) await turn();
    expect(fstatSync(fd).nlink).toBe(0);
    closeSync(fd);
    expect((await ended).status).toBe(201);
  });

  it('end also while somebody else holds them', async () => {
    const client = await start({ session: { commitTimeout: 1 } });
    await client.run((session) => session.set('a', 1));
    const lock = await FileLock.load('store');
    const handle = await open(fileOf(idOf(client)));
    const thief = client.copy();
    await client.run(async (session) => {
      lock.tryTake(handle.fd, 'exclusive');
      await session.logout();
    });
    await handle.close();
    expect(await files()).toEqual([]);
    expect(await all(thief)).toEqual({});
  });

  it('keep what is read once out of sight', async () => {
    const client = await start();
    await client.run((session) => session.flash('note', 'once'));
    expect(await textOf(idOf(client))).not.toMatch(/once|note/);
    expect(await client.result((session) => session.flash('note'))).toBe('once');
    expect(await client.result((session) => session.flash('note') ?? 'gone')).toBe('gone');
  });
});
