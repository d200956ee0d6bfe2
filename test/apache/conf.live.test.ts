import { readFileSync, writeFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SessionConfigError } from '../../lib/errors/session-config.error.js';
import { Client } from '../support/script-app.js';
import type { TestApp } from '../support/test-app.js';
import { CONF_FILES, RECORD, type ConfFile, type Visit } from './support/conf-files.js';
import { beginAt, startWith, wordsOf, type Recorded } from './support/conf-httpd.js';
import { readConf, startNest, type Place } from './support/conf-nest.js';
import type { Httpd } from './support/httpd.mjs';
import { live } from './support/live.js';
import { connection } from './support/session-table.js';
import type { Visitor } from '../support/visitor.js';

/** What both sides did with a file. `here` has the faults, or nothing if the application behaves as httpd does. */
interface Entry {
  readonly httpd: Recorded;
  readonly here: readonly string[];
}

/** `RECORD=1` asks httpd and writes down what it does; otherwise what it does is compared with that. */
const recording = process.env['RECORD'] === '1';
const TABLES = ['session', 'web.sessions', '"Web Sessions"'];

describe.skipIf(!live)('a configuration that people write', () => {
  const record: Record<string, Entry> = recording
    ? {}
    : (JSON.parse(readFileSync(RECORD, 'utf8')) as Record<string, Entry>);
  let database: pg.Client;
  let words: string;

  beforeAll(async () => {
    const url = process.env['TEST_DATABASE_URL']!;
    words = connection(new URL(url));
    database = new pg.Client(url);
    await database.connect();
    await database.query('CREATE SCHEMA IF NOT EXISTS web');
    for (const table of TABLES)
      await database.query(
        `CREATE TABLE IF NOT EXISTS ${table} (key text PRIMARY KEY, value text, expiry bigint NOT NULL DEFAULT 0)`,
      );
  });
  afterAll(async () => {
    for (const table of TABLES) await database?.query(`DROP TABLE IF EXISTS ${table}`);
    await database?.end();
    if (recording) writeFileSync(RECORD, `${JSON.stringify(record, null, 2)}\n`);
  });

  it.each(CONF_FILES)('$name: both sides behave alike, or a list of faults says where not', async (file) => {
    const entry = await tried(file);
    if (recording) record[file.name] = entry;
    expect(entry).toEqual(record[file.name]);
    const lines = file.text.split('\n').length;
    for (const fault of entry.here)
      expect(Number(/^(?:start: .*directives )?line (\d+)\)?: /.exec(fault)?.[1]) <= lines, fault).toBe(true);
    if ('refused' in entry.httpd) expect(entry.here).not.toEqual([]);
  });

  it('is one of at least 60, and each is recorded', () => {
    expect(CONF_FILES.length).toBeGreaterThanOrEqual(60);
    expect(Object.keys(record).toSorted()).toEqual(CONF_FILES.map(({ name }) => name).toSorted());
  });

  async function tried(file: ConfFile): Promise<Entry> {
    let httpd: Httpd;
    try {
      httpd = await startWith(file, words);
    } catch (error) {
      const nowhere = { root: '/etc/httpd', port: 80, connection: words };
      const faults = faultsOf(file, nowhere);
      return {
        httpd: { refused: wordsOf(error) },
        here: faults.length ? faults : await startFaultsOf(file, nowhere),
      };
    }
    try {
      return await compared(file, httpd);
    } finally {
      await httpd.stop();
    }
  }

  /** Begins a session at httpd for each visit. Reads and changes it here, and reads the change at httpd. */
  async function compared(file: ConfFile, httpd: Httpd): Promise<Entry> {
    const begun = [];
    for (const visit of file.visits) begun.push({ visit, ...(await beginAt(httpd, visit)) });
    const visits = begun.map(({ seen }) => seen);
    const place = { root: httpd.root, port: httpd.port, connection: words };
    const faults = faultsOf(file, place);
    if (faults.length) return { httpd: { visits }, here: faults };
    const nest = await startNest(readConf(file, place));
    try {
      for (const { visit, visitor, seen } of begun) {
        const where = `${file.name}, ${visit.host}${visit.path}`;
        if (visitor.jar.size) await sharesSession(nest, visit, visitor, seen.session, where);
        else await hasNoSession(nest, visit, where);
      }
    } finally {
      await nest.close();
    }
    return { httpd: { visits }, here: [] };
  }
});

/** The faults that only the start finds: those of files and programs. They have the path of their option and its line. */
async function startFaultsOf(file: ConfFile, place: Place): Promise<string[]> {
  try {
    await (await startNest(readConf(file, place))).close();
    return [];
  } catch (error) {
    if (!(error instanceof SessionConfigError)) throw error;
    return error.faults.map(({ path, message }) => `start: ${path}: ${message}`);
  }
}

/** The faults of a file here, each with its line. */
function faultsOf(file: ConfFile, place: Place): string[] {
  try {
    readConf(file, place);
    return [];
  } catch (error) {
    if (!(error instanceof SessionConfigError)) throw error;
    return error.faults.map(({ path, message }) =>
      `${path.replace(/^directives /, '')}: ${message}`.replaceAll(place.root, '${ROOT}'),
    );
  }
}

async function sharesSession(
  nest: TestApp,
  { host, path, login }: Visit,
  visitor: Visitor,
  shown: string,
  where: string,
) {
  const names = [...visitor.jar.keys()];
  const client = new Client(nest.url, new Map(visitor.jar));
  const { body } = await client.send('POST', path || '/', { headers: { host, 'x-set': 'Nest' } });
  const read = body as { all: object; subject: string | null };
  expect(read, where).toMatchObject(login ? { subject: 'alice' } : { all: { at: 'httpd', and: 'Nest' } });
  expect([...client.jar.keys()], where).toEqual(names);
  for (const [name, value] of client.jar) visitor.jar.set(name, value);
  const { status, text } = await visitor.get(`${path}/echo`);
  expect(status, where).toBe(200);
  if (shown) expect(text, where).toMatch(/(^|&)and=Nest(&|$)/);
}

async function hasNoSession(nest: TestApp, { host, path }: Visit, where: string) {
  const client = new Client(nest.url);
  await client.send('POST', path || '/', { headers: { host, 'x-set': 'Nest' } });
  expect([...client.jar.keys()], where).toEqual([]);
}
