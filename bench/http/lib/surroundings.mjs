// What the servers of a run share: a database with the tables of all, a Redis, and meters of the CPU of both.
import fs from 'node:fs';
import os from 'node:os';
import { redis } from './redis.mjs';
import { cpuUs } from './proc.mjs';
import { database, PgMeter } from './pg.mjs';

const ROLE = 'bench_app';
const SETUP = new URL('../setup.sql', import.meta.url);

export async function surroundings(servers) {
  const uses = (store) => servers.some((server) => server.store === store);
  const place = uses('postgres') ? await openDatabase() : undefined;
  const cache = uses('redis') ? await redis() : undefined;
  return {
    env: { BENCH_PG: place?.url ?? '', BENCH_REDIS: cache?.url ?? '' },
    versions: { postgres: place?.version, redis: cache?.version },
    query: (sql) => place.meter.c.query(sql),
    meterOf: ({ store }) => ({ postgres: place && postgresMeter(place.meter), redis: cache && redisMeter(cache.pid) })[store] ?? NO_METER,
    async close() {
      cache?.stop();
      await place?.meter.close();
      place?.stop();
    },
  };
}

async function openDatabase() {
  const db = await database();
  const stop = once(() => db.stop());
  process.once('exit', stop);
  const meter = await new PgMeter(db.url, ROLE).open();
  await meter.c.query(fs.readFileSync(SETUP, 'utf8'));
  for (const sql of await tableOfOurs()) await meter.c.query(`set role ${ROLE}; ${sql}; reset role`);
  const { rows } = await meter.c.query('show server_version');
  const url = Object.assign(new URL(db.url), { username: ROLE }).href;
  return { url, meter, version: rows[0].server_version.split(' ')[0], stop };
}

const once = (run) => {
  let done = false;
  return () => done || ((done = true), run());
};

/** Our table as the package itself makes it; without a build our servers say why they do not start. */
async function tableOfOurs() {
  const store = await import('../../../dist/lib/stores/typeorm/index.js').catch(() => undefined);
  return store?.createTableSql({ table: 'sess_ours' }) ?? [];
}

/** A meter is a function that starts it and gives a function that reads { cpu, sql, wal } since then. */
const postgresMeter = (meter) => async () => {
  const before = await meter.read();
  return async () => {
    const { calls, wal, cpu } = PgMeter.diff(before, await meter.read());
    return { cpu, sql: calls, wal };
  };
};
const redisMeter = (pid) => async () => {
  const before = cpuUs(pid);
  return async () => ({ cpu: cpuUs(pid) - before, sql: 0, wal: 0 });
};
const NO_METER = async () => async () => ({ cpu: 0, sql: 0, wal: 0 });

/** The machine and the moment of a run, for the head of the tables. */
export const machine = () => ({
  date: new Date().toISOString().slice(0, 16).replace('T', ' '),
  processor: os.cpus()[0]?.model.trim(),
  cores: os.cpus().length,
  memory: `${Math.round(os.totalmem() / 2 ** 30)} GB`,
  system: `${os.type()} ${os.release()}`,
  load: os.loadavg().map((one) => Number(one.toFixed(1))),
});
