import { PGlite } from '@electric-sql/pglite';
import { dataDir } from '@electric-sql/pglite-prepopulatedfs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PGliteStream } from '../../sample-app/database/pglite-stream.js';

describe('the embedded database of the sample app', () => {
  let pglite: PGlite;

  beforeAll(async () => {
    pglite = await PGlite.create({ loadDataDir: await dataDir() });
    await pglite.exec('CREATE TABLE coin (id int PRIMARY KEY)');
  });
  afterAll(() => pglite?.close());

  async function connected<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const stream = () => new PGliteStream(pglite) as never;
    const client = new pg.Client({ user: 'postgres', database: 'postgres', stream });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  const count = async (client: pg.Client) => (await client.query('SELECT id FROM coin')).rowCount;
  const prepared = { name: 'one', text: 'SELECT $1::int AS n', values: [1] };

  it('answers statements with parameters, also long ones', async () => {
    const value = 'x'.repeat(1 << 20);
    const { rows } = await connected((client) => client.query('SELECT $1::text AS v', [value]));
    expect(rows).toEqual([{ v: value }]);
  });

  it('goes on after an error', async () => {
    await connected(async (client) => {
      await expect(client.query('SELECT 1/$1::int', [0])).rejects.toMatchObject({ code: '22012' });
      expect((await client.query(prepared)).rows).toEqual([{ n: 1 }]);
    });
  });

  it('keeps no prepared statement of a client that left', async () => {
    await connected((client) => client.query(prepared));
    expect((await connected((client) => client.query(prepared))).rows).toEqual([{ n: 1 }]);
  });

  it('keeps no open transaction of a client that left', async () => {
    await connected(async (client) => {
      await client.query('BEGIN');
      await client.query('INSERT INTO coin VALUES (1)');
      expect(await count(client)).toBe(1);
    });
    expect(await connected(count)).toBe(0);
  });

  it('keeps nothing of a client that broke off', async () => {
    const stream = new PGliteStream(pglite);
    const client = new pg.Client({ user: 'postgres', database: 'postgres', stream: () => stream as never });
    client.on('error', () => undefined);
    await client.connect();
    await client.query('BEGIN');
    await client.query('INSERT INTO coin VALUES (2)');
    await client.query(prepared);
    stream.destroy();
    await connected(async (next) => {
      expect(await count(next)).toBe(0);
      expect((await next.query(prepared)).rows).toEqual([{ n: 1 }]);
    });
  });

  it('lets timers run between two statements', async () => {
    await connected(async (client) => {
      let ran = false;
      setImmediate(() => (ran = true));
      await client.query(prepared);
      await client.query(prepared);
      expect(ran).toBe(true);
    });
  });
});
