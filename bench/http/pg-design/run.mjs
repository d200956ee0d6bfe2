#!/usr/bin/env node
// Postgres store design experiments. node pg-design/run.mjs [--short] [--only 03,07]
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { database, PgMeter } from '../lib/pg.mjs';
const { values: o } = parseArgs({ options: { short: { type: 'boolean' }, only: { type: 'string' }, rows: { type: 'string' }, rounds: { type: 'string' }, ms: { type: 'string' } } });
const db = await database();
const m = await new PgMeter(db.url, 'bench_app').open(); await m.close();
const appUrl = new URL(db.url); appUrl.username = 'bench_app';
const admin = new Client(String(appUrl)); await admin.connect();
const ctx = { url: db.url, appUrl: String(appUrl), c: admin, short: !!o.short, rows: Number(o.rows ?? (o.short ? 20_000 : 100_000)), rounds: Number(o.rounds ?? (o.short ? 3 : 7)), ms: Number(o.ms ?? (o.short ? 300 : 500)) };
const here = path.dirname(fileURLToPath(import.meta.url));
const only = o.only?.split(',');
for (const file of fs.readdirSync(here).filter(x => /^\d\d-.*\.mjs$/.test(x)).toSorted()) {
  if (only && !only.some(x => file.startsWith(x))) continue;
  const t = Date.now();
  console.log(`\n## ${file}`);
  try { await (await import('./' + file)).default(ctx); } catch (e) { console.log('FAILED', e.message); console.error(e); }
  console.log(`\n(${((Date.now() - t) / 1000).toFixed(0)} s)`);
}
await admin.end(); db.stop();
