import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Connections, Query, QueryResult } from '../../lib/stores/sql/connection.interface.js';
import { Executor } from '../../lib/stores/sql/executor.js';
import { DataSourceConnections } from '../../lib/stores/typeorm/data-source-connections.js';
import { statements } from '../../lib/stores/sql/statements.js';
import { onServer, testDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const KEY = Buffer.alloc(32);
const OPTIONS = { prepared: true, timeout: 5000 };

/** Returns an executor whose connections treat some statements as `answer` says; all others reach the database. */
function executorWith(answer: (query: Query) => Promise<QueryResult> | undefined) {
  const connections = new DataSourceConnections(database.dataSource);
  const altered: Connections = {
    lease(until, done) {
      connections.get().lease(until, (fault, lease) => {
        if (!lease) return done(fault);
        done(undefined, {
          query(query, answered) {
            const altered = answer(query);
            if (!altered) return lease.query(query, answered);
            altered.then((result) => answered(undefined, result), answered);
          },
          release: (error) => lease.release(error),
        });
      });
    },
    close() {},
  };
  return new Executor(() => altered, statements(database), OPTIONS);
}

const failure = (code: string) => Promise.reject(Object.assign(new Error('secret'), { code }));

describe('the statements of typeOrmStore', () => {
  it.each(['26000', '42P05'])('continue without names if a pooler mixes them up (%s)', async (code) => {
    const named: string[] = [];
    const executor = executorWith(({ name }) => {
      if (name === undefined) return undefined;
      named.push(name);
      return failure(code);
    });
    expect((await executor.run('load', [KEY])).rows).toEqual([]);
    expect((await executor.run('count', [0])).rows).toEqual([{ count: 0 }]);
    expect(named).toHaveLength(1);
  });

  it('give their connection back when the work of a transaction never ends', async () => {
    const connections = new DataSourceConnections(database.dataSource);
    const executor = new Executor(() => connections.get(), statements(database), {
      prepared: true,
      timeout: 400,
    });
    const endless = executor.transaction('updateLocked', () => new Promise(() => undefined));
    await expect(endless).rejects.toMatchObject({ code: 'ERR_SESSION_STORE', reason: 'timeout' });
    connections.close();
    expect((await executorWith(() => undefined).run('load', [KEY])).rows).toEqual([]);
  });

  it("fail with the driver's code and without their parameters", async () => {
    const executor = executorWith(() => failure('42501'));
    const error = await executor.run('load', [KEY]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ERR_SESSION_STORE', reason: '42501', operation: 'load' });
    expect(JSON.stringify(error) + String(error)).not.toContain('secret');
  });

  it.each(['40001', '40P01'])('run again after %s, reads and writes alike', async (code) => {
    let refusals = 3;
    const executor = executorWith(() => (refusals-- > 0 ? failure(code) : undefined));
    expect((await executor.run('load', [KEY])).rows).toEqual([]);
    refusals = 3;
    expect((await executor.run('destroy', [KEY, 0])).affected).toBe(0);
    refusals = 3;
    expect((await executor.run('replace', [KEY, KEY, null, 0, 0, 1])).affected).toBe(0);
  });

  it('run again once after an outage, unless they are writes that must not run twice', async () => {
    let runs = 0;
    const executor = executorWith(() => (runs++ ? undefined : failure('57P01')));
    expect((await executor.run('load', [KEY])).rows).toEqual([]);
    runs = 0;
    expect((await executor.run('destroy', [KEY, 0])).affected).toBe(0);
    runs = 0;
    await expect(executor.run('replace', [KEY, KEY, null, 0, 0, 1])).rejects.toMatchObject({
      reason: '57P01',
    });
    expect(runs).toBe(1);
  });

  it.skipIf(onServer)(
    'survive a client that disconnects: the embedded database keeps none of its names',
    async () => {
      const { master } = database.dataSource.driver as unknown as {
        master: { connect(): Promise<{ release(destroy: boolean): void }> };
      };
      const executor = executorWith(() => undefined);
      await executor.run('load', [KEY]);
      (await master.connect()).release(true);
      expect((await executor.run('load', [KEY])).rows).toEqual([]);
    },
  );
});
