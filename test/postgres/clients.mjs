#!/usr/bin/env node
// Runs the store contract on pgStore through clients of other packages, as docs/stores.md shows them. They are installed into
// a temporary folder, since nothing else needs them. Needs a build and Debian's postgresql. `CLIENTS=DIR` names a folder that
// has them already.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { database } from '../../bench/http/lib/pg.mjs';
import { createTableSql, pgStore } from '../../dist/esm/pg.js';
import { storeContract } from '../../dist/esm/testing.js';

const PACKAGES =
  'pg@8 postgres@3 kysely@0 drizzle-orm@0 @electric-sql/pglite@0.5.8 prisma@7 @prisma/client@7 @prisma/adapter-pg@7'.split(
    ' ',
  );

const PRISMA_SCHEMA = `
generator client {
  provider = "prisma-client-js"
}
datasource db {
  provider = "postgresql"
}
`;

const folder = process.env.CLIENTS ?? mkdtempSync(join(tmpdir(), 'session-crypto-clients-'));
if (!process.env.CLIENTS) {
  // No script of a package runs: that of Prisma would load an engine for its migrations.
  const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefix', folder];
  execFileSync('npm', ['install', ...options, ...PACKAGES], { stdio: 'ignore' });
  generatePrisma();
}

/** Generates the client of Prisma. It needs no engine, but looks for one, so it is given some program in its place. */
function generatePrisma() {
  writeFileSync(join(folder, 'schema.prisma'), PRISMA_SCHEMA);
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' };
  execFileSync('npx', ['prisma', 'generate', '--schema', 'schema.prisma'], {
    cwd: folder,
    env,
    stdio: 'ignore',
  });
}
const load = createRequire(join(folder, 'index.js'));
const { url, stop } = await database({ port: Number(process.env.TEST_PG_PORT ?? 18553) });

const { Pool } = load('pg');
const pool = new Pool({ connectionString: url });
for (const sql of createTableSql()) await pool.query(sql);

const { default: postgres = load('postgres') } = load('postgres');
const sql = postgres(url);
const { Kysely, PostgresDialect, CompiledQuery } = load('kysely');
const kysely = new Kysely({ dialect: new PostgresDialect({ pool: new Pool({ connectionString: url }) }) });
const { drizzle } = load('drizzle-orm/node-postgres');
const db = drizzle({ client: pool });
const { PrismaClient } = load('@prisma/client');
const { PrismaPg } = load('@prisma/adapter-pg');
const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
const { PGlite } = load('@electric-sql/pglite');
const pglite = await PGlite.create();
for (const statement of createTableSql()) await pglite.query(statement);

const CLIENTS = {
  'a pool of pg': pool,
  'the pool of Drizzle': db.$client,
  Kysely: (text, values) => kysely.executeQuery(CompiledQuery.raw(text, values)),
  'postgres.js': async (text, values) => ({ rows: await sql.unsafe(text, values) }),
  PGlite: pglite,
  Prisma: async (text, values) => ({ rows: await prisma.$queryRawUnsafe(text, ...values) }),
};

let failures = 0;
for (const [name, client] of Object.entries(CLIENTS)) {
  const store = pgStore({ pool: client });
  await store.open(() => undefined);
  for (const { title, run } of storeContract)
    await run(store).catch((error) => {
      failures++;
      console.log(`FAILED ${name}: ${title}: ${error.message}`);
    });
  await store.close();
  console.log(`${name}: ${storeContract.length} cases`);
}
for (const name of ['pg', 'postgres', 'kysely', 'drizzle-orm', '@electric-sql/pglite', '@prisma/client'])
  console.log(`${name} ${load(join(folder, 'node_modules', name, 'package.json')).version}`);

await prisma.$disconnect();
await Promise.all([pool.end(), sql.end(), kysely.destroy(), pglite.close()]);
stop();
if (!process.env.CLIENTS) rmSync(folder, { recursive: true, force: true });
process.exit(failures ? 1 : 0);
