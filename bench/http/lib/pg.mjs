// A PostgreSQL for the run: BENCH_PG if set (a superuser URL), else a temporary cluster of our own on 127.0.0.1:18550.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { cpuUs } from './proc.mjs';

export async function database({ port = Number(process.env.BENCH_PG_PORT ?? 18550) } = {}) {
  if (process.env.BENCH_PG) return { url: process.env.BENCH_PG, stop() {} };
  const base = '/usr/lib/postgresql';
  const v = fs.existsSync(base) ? fs.readdirSync(base).filter(x => fs.existsSync(`${base}/${x}/bin/initdb`)).toSorted((a, b) => b - a)[0] : null;
  const bin = v ? `${base}/${v}/bin` : path.dirname(execFileSync('which', ['initdb'], { encoding: 'utf8' }).trim());
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-pg-'));
  const root = process.getuid() === 0;
  const user = process.env.BENCH_PG_OSUSER ?? 'postgres'; // postgres refuses to run as root
  if (root) execFileSync('chown', [user, dir]);
  const sh = c => root ? execFileSync('su', [user, '-s', '/bin/sh', '-c', c], { stdio: ['ignore', 'ignore', 'inherit'] }) : execFileSync('sh', ['-c', c], { stdio: ['ignore', 'ignore', 'inherit'] });
  sh(`${bin}/initdb -D ${dir}/data -U postgres -A trust --no-locale -E UTF8`);
  sh(`printf "listen_addresses='127.0.0.1'\\nport=${port}\\nunix_socket_directories='${dir}'\\nshared_preload_libraries='pg_stat_statements'\\nshared_buffers=${process.env.BENCH_PG_BUFFERS ?? '1GB'}\\nmax_wal_size=8GB\\nmax_connections=200\\n" >> ${dir}/data/postgresql.conf`);
  sh(`${bin}/pg_ctl -D ${dir}/data -l ${dir}/log -w start >/dev/null`);
  const admin = new Client(`postgres://postgres@127.0.0.1:${port}/postgres`);
  await admin.connect(); await admin.query('create database bench'); await admin.end();
  return { url: `postgres://postgres@127.0.0.1:${port}/bench`, stop() { sh(`${bin}/pg_ctl -D ${dir}/data -m fast -w stop >/dev/null`); fs.rmSync(dir, { recursive: true, force: true }); } };
}

/** Counters: statements and their WAL of one role, and the CPU of every process of the cluster. */
export class PgMeter {
  constructor(url, role) { this.c = new Client(url); this.role = role; }
  async open() {
    await this.c.connect();
    await this.c.query('create extension if not exists pg_stat_statements');
    await this.c.query(`do $$ begin if not exists (select from pg_roles where rolname='${this.role}') then create role ${this.role} login; end if; end $$`);
    await this.c.query(`grant all on schema public to ${this.role}`);
    return this;
  }
  async read() {
    const s = (await this.c.query('select coalesce(sum(calls),0)::float8 as calls from pg_stat_statements where userid=(select oid from pg_roles where rolname=$1)', [this.role])).rows[0];
    const w = (await this.c.query("select pg_wal_lsn_diff(pg_current_wal_insert_lsn(),'0/0')::float8 as lsn")).rows[0];
    const p = (await this.c.query('select pid, backend_type from pg_stat_activity where pid<>pg_backend_pid()')).rows;
    return { calls: s.calls, lsn: w.lsn, cpu: new Map(p.map(x => [x.pid, cpuUs(x.pid)])) };
  }
  static diff(a, b) {
    let cpu = 0;
    for (const [pid, us] of b.cpu) cpu += us - (a.cpu.get(pid) ?? 0);
    return { calls: b.calls - a.calls, wal: b.lsn - a.lsn, cpu };
  }
  close() { return this.c.end(); }
}
