import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Executor } from '../../lib/stores/typeorm/executor.js';
import { statements } from '../../lib/stores/typeorm/statements.js';
import { onServer, testDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const KEY = Buffer.alloc(32);

/** Returns an executor over a pool that acts like a transaction pooler: every named statement fails with `code`. */
function executorOn(code: string) {
  const named: string[] = [];
  const { master } = database.dataSource.driver as unknown as {
    master: { query(one: object): Promise<unknown> };
  };
  const query = (one: { name?: string }) => {
    if (one.name === undefined) return master.query(one);
    named.push(one.name);
    return Promise.reject(Object.assign(new Error('prepared statement'), { code }));
  };
  const dataSource = Object.create(database.dataSource, {
    driver: { value: { master: { query } } },
  }) as never;
  return { executor: new Executor(dataSource, statements(database), true), named };
}

describe('the statements of typeOrmStore', () => {
  it.each(['26000', '42P05'])('continue without names if a pooler mixes them up (%s)', async (code) => {
    const { executor, named } = executorOn(code);
    expect((await executor.run('load', [KEY])).rows).toEqual([]);
    expect((await executor.run('count')).rows).toEqual([{ count: 0 }]);
    expect(named).toHaveLength(1);
  });

  it("fail with the driver's code and without their parameters", async () => {
    const { executor } = executorOn('57P01');
    const error = await executor.run('load', [KEY]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ERR_SESSION_STORE', reason: '57P01', operation: 'load' });
  });

  it.skipIf(onServer)(
    'survive a client that disconnects: the embedded database keeps none of its names',
    async () => {
      const { master } = database.dataSource.driver as unknown as {
        master: { connect(): Promise<{ release(destroy: boolean): void }> };
      };
      const executor = new Executor(database.dataSource, statements(database), true);
      await executor.run('load', [KEY]);
      (await master.connect()).release(true);
      expect((await executor.run('load', [KEY])).rows).toEqual([]);
    },
  );
});
