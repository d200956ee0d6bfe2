import { Pool as PgPool, type PoolConfig } from 'pg';
import { expect, it } from 'vitest';
import type { Connected, Pool, PoolClient } from '../../../../lib/stores/sql/connection.interface.js';
import { Reserve } from '../../../../lib/stores/sql/reserve.js';

/** Options of each connection that was made. */
const made: unknown[] = [];

class FakeClient {
  constructor({ database }: PoolConfig) {
    made.push(database);
  }
  connect(done: () => void) {
    setImmediate(done);
  }
  on = () => this;
  once = () => this;
  end = () => undefined;
  removeListener = () => this;
}

/** A pool of `pg` whose class takes options of the application's own. */
class TenantPool extends PgPool {
  constructor({ name }: { name: string }) {
    super({ database: name.toLowerCase(), max: 2, Client: FakeClient as never });
  }
}

const connected = (connect: (done: Connected) => void): Promise<PoolClient> =>
  new Promise((resolve, reject) => connect((error, client) => (error ? reject(error) : resolve(client!))));

it('makes the second pool of a pool whose class the application has derived', async () => {
  const shared = new TenantPool({ name: 'EU' }) as unknown as Pool;
  const reserve = new Reserve(shared);
  for (let i = 0; i < 2; i++) await connected((done) => reserve.connect(done));
  const third = await connected((done) => reserve.connect(done));
  expect(made).toEqual(['eu', 'eu', 'eu']);
  third.release();
  reserve.close();
});

it('waits for the shared pool where no second one can be made', async () => {
  class Unusual {
    readonly options = { max: 2 };
    readonly totalCount = 2;
    readonly idleCount = 0;
    readonly waiting: Connected[] = [];

    constructor(name: string) {
      name.toLowerCase();
    }

    connect(done: Connected) {
      this.waiting.push(done);
    }
  }
  const shared = new Unusual('EU');
  const given = connected((done) => new Reserve(shared as unknown as Pool).connect(done));
  await new Promise((resolve) => setTimeout(resolve, 250));
  shared.waiting[0]!(undefined, 'client' as never);
  expect(await given).toBe('client');
});
