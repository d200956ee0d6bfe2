import { beforeEach, describe, expect, it } from 'vitest';
import {
  cookieStore,
  memoryStore,
  type SessionCryptoOptions,
  type SuppliedSecret,
} from 'nestjs-session-crypto';
import { ADAPTER_NAMES, type AdapterName } from '../support/adapters.js';
import { ScriptApp, type Client, type Script } from '../support/script-app.js';

const OLD = `hex:${'22'.repeat(32)}`;
const NEW = `hex:${'33'.repeat(32)}`;

type Secrets = readonly SuppliedSecret[];
const subject: Script = (session) => session.subject ?? null;

/** A fleet of two servers with one store, whose secrets are replaced on one server after the other. */
class Fleet {
  private readonly secrets: Secrets[] = [[OLD], [OLD]];
  private servers!: readonly ScriptApp[];

  static async start(adapter: AdapterName, store: SessionCryptoOptions['store']): Promise<Fleet> {
    const fleet = new Fleet();
    fleet.servers = await Promise.all(
      [0, 1].map((i) =>
        ScriptApp.start({ store, crypto: { secrets: [() => [...fleet.secrets[i]!]] } }, adapter),
      ),
    );
    return fleet;
  }

  /** Gives one server its new list, as a rolling update does. */
  async update(server: number, secrets: Secrets): Promise<void> {
    this.secrets[server] = secrets;
    await this.servers[server]!.sessions.reloadKeys();
  }

  /** Seals the rows anew; sessions in cookies have none. */
  async reseal(): Promise<void> {
    await this.servers[0]!.sessions.reseal().catch(() => 0);
  }

  async logIn(server: number): Promise<Client> {
    const client = this.servers[server]!.client();
    await client.run((session) => session.login('ada'));
    return client;
  }

  /** Who a browser is on a server. The answer changes the browser's cookies, as everywhere. */
  async ask(server: number, client: Client): Promise<unknown> {
    return this.at(server, client).result(subject);
  }

  /** The number of cookies that a server sends when a session is read. */
  async cookiesOf(server: number, client: Client): Promise<number> {
    const { status, cookies } = await this.at(server, client).run(subject);
    expect(status).toBe(201);
    return cookies.length;
  }

  private at(server: number, client: Client): Client {
    return new (client.constructor as typeof Client)(this.servers[server]!.url, client.jar);
  }
}

/** Goes through the states of the fleet: at each one, new and old users visit both servers. Returns how many of the visits
 *  found nobody logged in. */
async function visits(fleet: Fleet, steps: readonly Secrets[]): Promise<number> {
  const users: Client[] = [await fleet.logIn(0), await fleet.logIn(1)];
  let loggedOut = 0;
  for (const secrets of steps)
    for (const server of [0, 1]) {
      await fleet.update(server, secrets);
      users.push(await fleet.logIn(0), await fleet.logIn(1));
      for (const user of users)
        for (const at of [1, 0]) if ((await fleet.ask(at, user)) !== 'ada') loggedOut++;
    }
  return loggedOut;
}

describe.each(
  ADAPTER_NAMES.flatMap((adapter) => [
    [adapter, 'memory', () => memoryStore()] as const,
    [adapter, 'cookie', () => cookieStore()] as const,
  ]),
)('a rotation of the key on two servers on %s with the %s store', (adapter, _, store) => {
  let fleet: Fleet;

  beforeEach(async () => {
    fleet = await Fleet.start(adapter, store());
  });

  it('writes once by the next secret where the first one is retiring', async () => {
    const client = await fleet.logIn(0);
    const retiring = { secret: OLD, state: 'retiring' } as const;
    for (const server of [0, 1]) await fleet.update(server, [retiring, NEW]);
    for (const server of [0, 1]) {
      const sent = [];
      for (let i = 0; i < 3; i++) sent.push(await fleet.cookiesOf(server, client));
      expect(sent).toEqual([server ? 0 : 1, 0, 0]);
    }
  });

  it('logs nobody out in three steps: append, promote, drop', async () => {
    expect(await visits(fleet, [[OLD, NEW], [NEW, OLD], [NEW]])).toBe(0);
  });

  it('logs people out in two steps: the server that comes second does not know the key yet', async () => {
    expect(await visits(fleet, [[NEW, OLD], [NEW]])).toBeGreaterThan(0);
  });

  it('takes the cookie away for good from who meets the second server in two steps', async () => {
    await fleet.update(0, [NEW, OLD]);
    const user = await fleet.logIn(0);
    expect(await fleet.ask(0, user)).toBe('ada');
    expect(await fleet.ask(1, user)).toBe(null);
    expect([...user.jar]).toEqual([]);
    expect(await fleet.ask(0, user)).toBe(null);
  });

  it('logs out who has not come back before the old key is dropped', async () => {
    const [away, back] = [await fleet.logIn(0), await fleet.logIn(0)];
    for (const server of [0, 1]) await fleet.update(server, [OLD, NEW]);
    for (const server of [0, 1]) await fleet.update(server, [NEW, OLD]);
    expect(await fleet.ask(1, back)).toBe('ada');
    for (const server of [0, 1]) await fleet.update(server, [NEW]);
    expect(await fleet.ask(0, back)).toBe('ada');
    expect(await fleet.ask(0, away)).toBe(null);
  });

  it('logs out who has not come back, also when all rows were sealed anew: his cookie has the tag of the old key', async () => {
    const away = await fleet.logIn(0);
    for (const secrets of [
      [OLD, NEW],
      [NEW, OLD],
    ])
      for (const server of [0, 1]) await fleet.update(server, secrets);
    await fleet.reseal();
    for (const server of [0, 1]) await fleet.update(server, [NEW]);
    expect(await fleet.ask(0, away)).toBe(null);
  });
});
