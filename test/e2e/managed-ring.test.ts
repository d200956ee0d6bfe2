import { beforeEach, describe, expect, it } from 'vitest';
import {
  cookieStore,
  createSealer,
  managedRing,
  memoryKeyStore,
  memoryStore,
  SessionStoreError,
  type ResealOptions,
  type ResealProgress,
  type SessionCryptoOptions,
} from 'nestjs-session-crypto';
import { RememberMeModule } from 'nestjs-session-crypto/remember-me';
import { ADAPTER_NAMES, type AdapterName } from '../support/adapters.js';
import { ScriptApp, SECRET, type Client, type Script } from '../support/script-app.js';
import { startApp } from '../support/test-app.js';

const DAY = 86_400;
/** Seconds that a session lives at most. */
const LONGEST = 8 * 3600;
const OTHER = `hex:${'22'.repeat(32)}`;

const subject: Script = (session) => session.subject ?? null;

/** A fleet of two servers with one store of keys. The clock of the keys and those of the sessions pass together. Each server
 *  follows when the test says so. */
class Fleet {
  private time = Date.now();
  readonly keyStore = memoryKeyStore({ now: () => new Date(this.time) });
  private servers: ScriptApp[] = [];

  static async start(adapter: AdapterName, store: SessionCryptoOptions['store']): Promise<Fleet> {
    const fleet = new Fleet();
    for (let i = 0; i < 2; i++) await fleet.server({ store }, adapter);
    return fleet;
  }

  async server(
    plan: Partial<SessionCryptoOptions> = {},
    adapter: AdapterName = 'express',
  ): Promise<ScriptApp> {
    const crypto = {
      secrets: [SECRET],
      ring: managedRing({ store: this.keyStore, interval: 60 }),
      ...plan.crypto,
    };
    const server = await ScriptApp.start({ session: { idleTimeout: 0 }, ...plan, crypto }, adapter);
    this.servers.push(server);
    return server;
  }

  /** The keys as a server's operator sees them. */
  keys(server = 0) {
    return this.servers[server]!.sessions.keys;
  }

  pass(seconds: number): void {
    this.time += 1000 * seconds;
    for (const server of this.servers) server.ahead += seconds;
  }

  follow(server: number): Promise<void> {
    return this.servers[server]!.sessions.reloadKeys();
  }

  async logIn(server: number): Promise<Client> {
    const client = this.servers[server]!.client();
    await client.run((session) => session.login('ada'));
    return client;
  }

  /** Who a browser is on a server. */
  async ask(server: number, client: Client): Promise<unknown> {
    return client.copy(this.servers[server]!.url).result(subject);
  }

  /** Old and new users visit both servers. Returns how many of the visits found nobody logged in. */
  async visits(users: Client[]): Promise<number> {
    users.push(await this.logIn(0), await this.logIn(1));
    let lost = 0;
    for (const user of users) for (const at of [1, 0]) if ((await this.ask(at, user)) !== 'ada') lost++;
    return lost;
  }

  async states(): Promise<string[]> {
    return (await this.keys().list()).map(({ id, state }) => `${id} ${state}`);
  }
}

describe.each(
  ADAPTER_NAMES.flatMap((adapter) => [
    [adapter, 'memory', () => memoryStore()] as const,
    [adapter, 'cookie', () => cookieStore()] as const,
  ]),
)('a managed ring on two servers on %s with the %s store', (adapter, _, store) => {
  let fleet: Fleet;

  beforeEach(async () => {
    fleet = await Fleet.start(adapter, store());
  });

  it('logs nobody out through all steps, while one server always learns of them later', async () => {
    const lost: number[] = [];
    const steps = [
      { pass: 88 * DAY, states: ['1 sealing', '2 published'] },
      { pass: 2 * DAY, states: ['1 retiring', '2 sealing'] },
      { pass: LONGEST + 601, states: ['2 sealing'] },
    ];
    for (const { pass, states } of steps) {
      fleet.pass(pass);
      const users: Client[] = [];
      lost.push(await fleet.visits(users));
      for (const server of [1, 0]) {
        await fleet.follow(server);
        lost.push(await fleet.visits(users));
      }
      expect(await fleet.states()).toEqual(states);
    }
    expect(lost).toEqual(lost.map(() => 0));
  });

  it('drops a key only when the longest session that it may have sealed is over', async () => {
    await fleet.keys().add();
    for (const server of [0, 1]) await fleet.follow(server);
    fleet.pass(2 * DAY);
    await fleet.follow(0);
    const late = await fleet.logIn(1); // this server still seals by the first key
    await fleet.follow(1);
    fleet.pass(LONGEST - 5);
    for (const server of [0, 1]) await fleet.follow(server);
    expect(await fleet.states()).toEqual(['1 retiring', '2 sealing']);
    expect(await fleet.ask(0, late)).toBe('ada');
    fleet.pass(610);
    await fleet.follow(0);
    expect(await fleet.states()).toEqual(['2 sealing']);
  });

  it('ends the sessions of a revoked key at once on one server, and on the other when it follows', async () => {
    const [one, two] = [await fleet.logIn(0), await fleet.logIn(0)];
    await fleet.keys(0).revoke(1);
    expect(await fleet.ask(0, one)).toBe(null);
    expect(await fleet.ask(1, two)).toBe('ada');
    await fleet.follow(1);
    expect(await fleet.ask(1, two)).toBe(null);
    const three = await fleet.logIn(1);
    expect(await fleet.ask(0, three)).toBe('ada');
    expect(await fleet.states()).toEqual(['1 revoked', '2 sealing']);
  });
});

describe.each([['memory', () => memoryStore()] as const, ['cookie', () => cookieStore()] as const])(
  'a fleet that changes to a managed ring with the %s store',
  (_, makeStore) => {
    it('logs nobody out, while old and new servers run side by side', async () => {
      const store = makeStore();
      const fleet = new Fleet();
      const ring = managedRing({ store: fleet.keyStore, adopt: true });
      const plan = { store, session: { idleTimeout: 0 } };
      const old = await ScriptApp.start({ ...plan, crypto: { secrets: [SECRET] } });
      const changed = await ScriptApp.start({ ...plan, crypto: { secrets: [SECRET], ring } });
      const servers = [old, changed];
      const users = [await logInAt(old), await logInAt(changed)];
      for (const { url } of servers)
        for (const user of users) expect(await user.copy(url).result(subject)).toBe('ada');
      fleet.pass(2 * DAY); // the old server has long been replaced
      await expect(changed.sessions.reloadKeys()).rejects.toThrow(/the clock of the keys' store has moved/);
      fleet.pass(600);
      changed.ahead += 600; // and from now on, both clocks run evenly
      await changed.sessions.reloadKeys();
      expect((await changed.sessions.keys.list()).map(({ state }) => state)).toEqual(['sealing']);
      for (const user of users) expect(await user.copy(changed.url).result(subject)).toBe('ada');
    });
  },
);

describe.each(
  ADAPTER_NAMES.flatMap((adapter) => [
    [adapter, 'memory', () => memoryStore(), Buffer.alloc(53, 0x81)] as const,
    [adapter, 'cookie', () => cookieStore(), Buffer.alloc(77, 0x11)] as const,
  ]),
)('a server without a key, on %s with the %s store', (adapter, _, store, forged) => {
  /** Starts a server, logs a user in, and revokes the only key while another row does not open. */
  async function start() {
    const keyStore = memoryKeyStore();
    const crypto = { secrets: [SECRET], ring: managedRing({ store: keyStore }) };
    const remember = RememberMeModule.forRoot({ store: memoryStore() });
    const app = await ScriptApp.start({ store: store(), crypto }, adapter, [], [remember]);
    const client = await logInAt(app);
    const { rows } = await keyStore.load('default');
    const junk = { ...rows[0]!, id: 2, hint: 7, state: 'published' as const, wrapped: Buffer.from('x') };
    await keyStore.insert('default', junk);
    await expect(app.sessions.keys.revoke(1)).rejects.toThrow(/row of key 2/);
    return { app, client };
  }

  it('takes every visitor for anonymous, and leaves his cookies alone', async () => {
    const { app, client } = await start();
    for (const sid of [client.jar.get('sid')!, forged.toString('base64url')]) {
      const visitor = app.client();
      visitor.jar.set('sid', sid).set('remember', 'A'.repeat(167));
      expect(await visitor.run(subject)).toMatchObject({ status: 201, body: { result: null }, cookies: [] });
    }
  });

  it('answers 500 where something has to be sealed', async () => {
    const { app, client } = await start();
    expect((await client.run((session) => session.set('cart', 1))).status).toBe(500);
    expect((await app.client().run((session) => session.login('eve'))).status).toBe(500);
  });
});

describe('a managed ring', () => {
  it('stops the start when a row does not unwrap, and names the row and the secret', async () => {
    const fleet = await Fleet.start('express', memoryStore());
    const start = fleet.server({ crypto: { secrets: [OTHER] } });
    await expect(start).rejects.toThrow(
      /crypto\.ring: the row of key 1 \(hint [0-9a-f]{8}\) is wrapped by a secret with the hint [0-9a-f]{8}, which is missing/,
    );
  });

  it('stays as it is while its store is away, and tells the operator once', async () => {
    const fleet = await Fleet.start('express', memoryStore());
    const store = Object.assign(memoryKeyStore(), { load: fleet.keyStore.load.bind(fleet.keyStore) });
    const app = await fleet.server({ crypto: { secrets: [SECRET], ring: managedRing({ store }) } });
    const client = app.client();
    await client.run((session) => session.login('ada'));
    store.load = () => Promise.reject(Object.assign(new Error('secret detail'), { code: 'ECONNREFUSED' }));
    for (let i = 0; i < 3; i++) await expect(app.sessions.reloadKeys()).rejects.toThrow();
    expect(await client.result(subject)).toBe('ada');
    expect(app.seen('keysFailed')).toHaveLength(1);
    expect(app.complaints.filter((line) => line.includes('the last good keys stay'))).toHaveLength(1);
    expect(app.complaints.join()).not.toContain('secret detail');
  });

  it('names the store of keys when it is away at the start, and waits for it if it is told to', async () => {
    const store = memoryKeyStore();
    const { load } = store;
    const away = () => {
      store.load = load;
      return Promise.reject(new SessionStoreError('loadKeys', 'ECONNREFUSED'));
    };
    const crypto = { secrets: [SECRET], ring: managedRing({ store }) };
    store.load = away;
    await expect(ScriptApp.start({ crypto })).rejects.toThrow(/without its store of keys: nobody listens/);
    store.load = away;
    const app = await ScriptApp.start({ crypto, session: { onStoreDownAtStart: 'wait' } });
    expect(await app.sessions.keys.list()).toHaveLength(1);
    expect(app.complaints.join()).toContain('The start waits for the store of keys: nobody listens');
  });

  it('tells what becomes of its keys, with hints and no more', async () => {
    const fleet = await Fleet.start('express', memoryStore());
    const app = await fleet.server();
    const { hint } = await app.sessions.keys.add();
    await app.sessions.keys.revoke(2);
    expect(app.seen('keyChanged')).toEqual([
      { session: 'default', hint, state: 'published' },
      { session: 'default', hint, state: 'revoked' },
    ]);
  });

  it('counts what each key has opened', async () => {
    const app = await new Fleet().server({ store: cookieStore() });
    const client = app.client();
    await client.run((session) => session.login('ada'));
    for (let i = 0; i < 3; i++) await client.result(subject);
    expect((await app.sessions.keys.list())[0]!.opens).toBe(3);
  });

  it('seals sessions anew in batches, tells how far it is, and goes on behind a mark', async () => {
    const fleet = new Fleet();
    const app = await fleet.server({ store: memoryStore() });
    const users = await Promise.all(Array.from({ length: 7 }, () => logInAt(app)));
    await app.sessions.keys.revoke((await app.sessions.keys.add()).id);
    await rotate(fleet, app);
    const told: ResealProgress[] = [];
    const stop = (progress: ResealProgress) => {
      told.push(progress);
      if (told.length === 2) throw new Error('enough');
    };
    await expect(app.sessions.keys.reseal({ batch: 2, onProgress: stop })).rejects.toThrow('enough');
    expect(told.map(({ read, resealed }) => [read, resealed])).toEqual([
      [2, 2],
      [4, 4],
    ]);
    expect(await app.sessions.keys.reseal({ batch: 2, after: told[1]!.mark })).toBe(3);
    expect(await app.sessions.reseal()).toBe(0);
    for (const user of users) expect(await user.result(subject)).toBe('ada');
  });

  it.each([
    [{ batch: 0 }, 'reseal() batch: is 0'],
    [{ after: 'nowhere!' }, 'reseal() after: is no mark'],
    [{ after: '9.' }, 'reseal() after: is no mark'],
    [{ btach: 1 }, 'is "batch" meant?'],
  ])('refuses %j', async (options, said) => {
    const app = await new Fleet().server({ store: memoryStore() });
    await expect(app.sessions.keys.reseal(options as ResealOptions)).rejects.toThrow(said);
  });

  it('has no keys to manage where the secrets are the keys', async () => {
    const app = await ScriptApp.start();
    await expect(app.sessions.keys.list()).rejects.toMatchObject({
      code: 'ERR_SESSION_UNSUPPORTED',
      message: expect.stringContaining('managedRing({ store })') as string,
    });
  });

  it('keeps keys as long as remember-me cookies live', async () => {
    const ring = managedRing({ store: memoryKeyStore() });
    const remember = RememberMeModule.forRoot({ store: memoryStore(), cookie: { lifetime: 20 * DAY } });
    const app = await startApp({
      session: { store: memoryStore(), crypto: { secrets: [SECRET], ring } },
      imports: [remember],
    });
    const [key] = await app.sessions.keys.list();
    expect(key!.dropsAt.getTime() - key!.retiresAt.getTime()).toBe((20 * DAY + 600) * 1000);
  });

  it('is none for a sealer, whose values have no end', async () => {
    const ring = managedRing({ store: memoryKeyStore() });
    await expect(createSealer({ secrets: [SECRET], ring })).rejects.toThrow(
      /crypto\.ring: is a managed ring/,
    );
  });
});

async function logInAt(app: ScriptApp): Promise<Client> {
  const client = app.client();
  await client.run((session) => session.login('ada'));
  return client;
}

/** Lets a new key seal; the clock of the sessions stays. */
async function rotate(fleet: Fleet, app: ScriptApp): Promise<void> {
  const { id } = await app.sessions.keys.add();
  fleet.pass(120);
  await app.sessions.keys.promote(id);
}
