import { randomBytes } from 'node:crypto';
import { Pool } from 'pg';
import { createTableSql, pgStore } from 'nestjs-session-crypto/pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onServer } from '../support/database.js';
import { statementsOf } from '../support/statements.js';
import { ExpressApp } from '../e2e/support/express-app.js';
import { FastifyApp } from '../e2e/support/fastify-app.js';

const WIDTH = 20;
const table = `session_${randomBytes(6).toString('hex')}`;
const pools: Pool[] = [];

/** A pool as a process of its own has it. */
function newPool(): Pool {
  const pool = new Pool({ connectionString: process.env['TEST_DATABASE_URL'], max: 8 });
  pools.push(pool);
  return pool;
}
const newStore = () => pgStore({ pool: newPool(), table });

/** What a test does to a session, whatever the platform. */
interface Client {
  set(key: string, value: unknown, together?: () => Promise<void>): Promise<number>;
  all(): Promise<Record<string, unknown>>;
  end(): Promise<number>;
  copy(url?: string): Client;
}

type ExpressClient = ReturnType<ExpressApp['client']>;
const onExpress = (client: ExpressClient): Client => ({
  async set(key, value, together) {
    const { status } = await client.run(async ({ session }) => {
      session[key] = value;
      await together?.();
    });
    return status;
  },
  async all() {
    const { cookie: _, ...values } = (await client.result(({ session }) => session)) as { cookie: unknown };
    return values;
  },
  end: async () => (await client.run(({ session }) => session.destroy())).status,
  copy: (url) => onExpress(client.copy(url)),
});

type FastifyClient = ReturnType<FastifyApp['client']>;
const onFastify = (client: FastifyClient): Client => ({
  async set(key, value, together) {
    const { status } = await client.run(async ({ session }) => {
      session.set(key, value);
      await together?.();
    });
    return status;
  },
  all: async () => (await client.result(({ session }) => session.data())) as Record<string, unknown>,
  end: async () => (await client.run(({ session }) => session.destroy())).status,
  copy: (url) => onFastify(client.copy(url)),
});

const PLATFORMS = {
  'req.session on Express': async () => {
    const app = await ExpressApp.start({ session: { store: newStore() } });
    return { url: app.url, client: onExpress(app.client()) };
  },
  'request.session on Fastify': async () => {
    const app = await FastifyApp.start({ session: { store: newStore() } });
    return { url: app.url, client: onFastify(app.client()) };
  },
};

/** Resolves for all as soon as the last one has come. */
function meeting(size: number): () => Promise<void> {
  let arrived = 0;
  let open!: () => void;
  const together = new Promise<void>((resolve) => (open = resolve));
  return () => {
    if (++arrived === size) open();
    return together;
  };
}

describe.skipIf(!onServer)('over pgStore() with a pool of pg', () => {
  beforeAll(async () => {
    const pool = newPool();
    for (const sql of createTableSql({ table })) await pool.query(sql);
  });
  afterAll(async () => {
    await pools[0]!.query(`DROP TABLE "${table}"`);
    await Promise.all(pools.map((pool) => pool.end()));
  });

  describe.each(Object.entries(PLATFORMS))('%s', (_, start) => {
    it.each([1, 2])(`loses none of ${WIDTH} changes at once on %i server(s)`, async (servers) => {
      const apps = await Promise.all(Array.from({ length: servers }, start));
      const { client } = apps[0]!;
      await client.set('begun', true);
      const together = meeting(WIDTH);
      const keys = Array.from({ length: WIDTH }, (_, i) => `key${i}`);
      const urlOf = (i: number) => apps[i % servers]!.url;
      const statuses = await Promise.all(
        keys.map((key, i) => client.copy(urlOf(i)).set(key, { by: key }, together)),
      );
      expect(statuses).toEqual(keys.map(() => 201));
      const all = await client.all();
      expect(keys.filter((key) => (all[key] as { by?: string } | undefined)?.by !== key)).toEqual([]);
    });

    it('is not brought back by a request of another server that ends after destroy()', async () => {
      const [first, second] = await Promise.all([start(), start()]);
      const { client } = first;
      await client.set('user', 'ada');
      const thief = client.copy();
      const meet = meeting(2);
      let release!: () => void;
      const held = new Promise<void>((resolve) => (release = resolve));
      const slow = client.copy(second.url).set('late', 1, async () => {
        await meet();
        await held;
      });
      await meet();
      await client.end();
      release();
      await slow;
      expect(await thief.all()).toEqual({});
    });

    it('costs one statement for a read and two for a change', async () => {
      const { client } = await start();
      await client.set('n', 1);
      expect(await statementsOf(() => client.all())).toHaveLength(1);
      expect(await statementsOf(() => client.set('n', 2))).toHaveLength(2);
    });
  });
});
