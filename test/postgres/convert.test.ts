import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SessionStore } from 'nestjs-session-crypto';
import { createTableSql, pgStore } from 'nestjs-session-crypto/pg';
import { convertInto, newApplication, sessionOf, whoIs } from '../support/convert-command.js';
import { onServer } from '../support/database.js';

const URL_OF = 'TEST_DATABASE_URL';
const PG_SIMPLE = ['--from', 'connect-pg-simple', '--url-env', URL_OF];
const TYPEORM = ['--from', 'connect-typeorm', '--url-env', URL_OF];

/** The file table.sql of connect-pg-simple 10. */
const PG_SIMPLE_TABLE = (name: string) => `CREATE TABLE "${name}" (
  "sid" varchar NOT NULL COLLATE "default",
  "sess" json NOT NULL,
  "expire" timestamp(6) NOT NULL
)
WITH (OIDS=FALSE);
ALTER TABLE "${name}" ADD CONSTRAINT "${name}_pkey" PRIMARY KEY ("sid") NOT DEFERRABLE INITIALLY IMMEDIATE;`;
/** The statement of its method `set`. */
const PG_SIMPLE_SET = (name: string) =>
  `INSERT INTO "${name}" (sess, expire, sid) SELECT $1, to_timestamp($2), $3 ON CONFLICT (sid) DO UPDATE SET sess=$1, expire=to_timestamp($2) RETURNING sid`;
/** What TypeORM makes of the entity in the manual of connect-typeorm 2. */
const TYPEORM_TABLE = (name: string) =>
  `CREATE TABLE "${name}" ("expiredAt" bigint NOT NULL, "id" character varying(255) NOT NULL, "json" text NOT NULL, "destroyedAt" TIMESTAMP, CONSTRAINT "PK_${name}" PRIMARY KEY ("id"))`;

const seconds = (ahead: number) => Math.ceil(Date.now() / 1000) + ahead;

describe.runIf(onServer)('session-crypto convert on PostgreSQL', () => {
  const database = process.env[URL_OF]!;
  let pool: pg.Pool;
  let old: string;
  let table: string;
  let store: SessionStore;
  const roles: string[] = [];

  beforeAll(() => void (pool = new pg.Pool({ connectionString: database, max: 20 })));
  afterAll(async () => {
    for (const role of roles) await pool.query(`DROP OWNED BY "${role}"; DROP ROLE "${role}"`);
    await pool.end();
  });
  beforeEach(async () => {
    [old, table] = ['old', 'ours'].map((name) => `${name}_${randomBytes(4).toString('hex')}`) as [
      string,
      string,
    ];
    for (const sql of createTableSql({ table })) await pool.query(sql);
    store = pgStore({ pool, table });
  });

  const keep = (id: string, session: object, expire = seconds(3600)) =>
    pool.query(PG_SIMPLE_SET(old), [session, expire, id]);
  const rows = async (name = table) =>
    (await pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM "${name}"`)).rows[0]!.n;

  /** A role of its own, and the address by which it connects. */
  async function role(...grants: string[]): Promise<string> {
    const name = `role_${randomBytes(4).toString('hex')}`;
    roles.push(name);
    await pool.query(`CREATE ROLE "${name}" LOGIN`);
    for (const grant of grants) await pool.query(`${grant} TO "${name}"`);
    const url = new URL(database);
    url.username = name;
    return url.href;
  }

  it('only counts without --write, then converts, and finds nothing left', async () => {
    await pool.query(PG_SIMPLE_TABLE(old));
    await keep('sid-of-ada', sessionOf('ada', { cart: ['größe'] }));
    await keep('sid-of-eve', sessionOf('eve'));
    await keep('late', sessionOf('ben'), seconds(-60));
    await keep('anonymous', { cookie: {} });
    const counted = await convertInto(store, [...PG_SIMPLE, '--table', old]);
    expect(counted).toMatchObject({ status: 0, err: '' });
    expect(counted.out).toBe(
      `connect-pg-simple public.${old} to postgres "${table}" (only counted: --write converts)
would convert               2
would convert again         0  changed there since
other user                  0  converted again: the session is another user’s there now
would end                   0  ended there since they were converted
already there               0  nothing has changed
taken over                  0  used or ended here already; left alone
expired                     1  ended there by its time
empty                       1  holds nothing
unreadable                  0
`,
    );
    expect(await rows()).toBe(0);
    const written = await convertInto(store, [...PG_SIMPLE, '--table', old, '--write', '--json']);
    expect(JSON.parse(written.out)).toMatchObject({ write: true, read: 4, converted: 2, expired: 1 });
    expect(written.out + counted.out).not.toMatch(/\bada\b|\beve\b|größe|sid-of/);
    const third = await convertInto(store, [...PG_SIMPLE, '--table', old, '--write', '--json']);
    expect(JSON.parse(third.out)).toMatchObject({ converted: 0, changed: 0, present: 2, ended: 0 });
    const visitor = await newApplication(store);
    await pool.query(`DROP TABLE "${old}"`);
    expect(await whoIs(visitor('sid-of-ada'))).toEqual([
      'ada',
      { cart: ['größe'], passport: { user: 'ada' } },
    ]);
    expect(await whoIs(visitor('late'))).toEqual([null, {}]);
  });

  it('converts again what was changed, and ends what has ended', async () => {
    await pool.query(PG_SIMPLE_TABLE(old));
    for (const id of ['a', 'b', 'c']) await keep(id, sessionOf('ada', { n: 1 }));
    const run = async () =>
      JSON.parse((await convertInto(store, [...PG_SIMPLE, '--table', old, '--write', '--json'])).out);
    expect(await run()).toMatchObject({ converted: 3 });
    await keep('a', sessionOf('ada', { n: 2 }));
    await pool.query(`UPDATE "${old}" SET expire = to_timestamp($1) WHERE sid = $2`, [seconds(9000), 'b']); // touch
    await pool.query(`DELETE FROM "${old}" WHERE sid = $1`, ['c']);
    expect(await run()).toMatchObject({ changed: 2, present: 0, ended: 1 });
    expect(await run()).toMatchObject({ changed: 0, present: 2, ended: 0 });
    const visitor = await newApplication(store);
    expect(await whoIs(visitor('a'))).toMatchObject(['ada', { n: 2 }]);
    expect(await whoIs(visitor('c'))).toEqual([null, {}]);
    expect(await run()).toMatchObject({ migrated: 1, present: 1 });
  });

  it('reads a row without an end as its package does, and one that never ends', async () => {
    await pool.query(PG_SIMPLE_TABLE(old));
    await pool.query(`ALTER TABLE "${old}" ALTER "expire" DROP NOT NULL`);
    for (const id of ['null', 'infinity', 'past']) await keep(id, sessionOf('ada', { id }));
    const set = (id: string, end: string) =>
      pool.query(`UPDATE "${old}" SET expire = ${end} WHERE sid = $1`, [id]);
    await set('null', 'NULL'); // connect-pg-simple asks for a later end: nobody is logged in by it
    await set('infinity', "'infinity'");
    await set('past', "'-infinity'");
    const run = async () =>
      JSON.parse((await convertInto(store, [...PG_SIMPLE, '--table', old, '--write', '--json'])).out);
    expect(await run()).toMatchObject({ converted: 1, expired: 2, ended: 0 });
    expect(await run()).toMatchObject({ converted: 0, changed: 0, present: 1, migrated: 0, ended: 0 });
    const visitor = await newApplication(store);
    expect(await whoIs(visitor('infinity'))).toMatchObject(['ada', { id: 'infinity' }]);
    expect(await whoIs(visitor('null'))).toEqual([null, {}]);
  });

  it('reads an end of connect-typeorm beyond all dates as none', async () => {
    await pool.query(TYPEORM_TABLE(old));
    await pool.query(`ALTER TABLE "${old}" ALTER "expiredAt" DROP NOT NULL`);
    const insert = `INSERT INTO "${old}" ("expiredAt", "id", "json") VALUES ($1, $2, $3)`;
    for (const [id, end] of [['endless', '9223372036854775807'], ['null', null]] as const)
      await pool.query(insert, [end, id, JSON.stringify(sessionOf('ada', { id }))]); // prettier-ignore
    const run = async () =>
      JSON.parse((await convertInto(store, [...TYPEORM, '--table', old, '--write', '--json'])).out);
    expect(await run()).toMatchObject({ converted: 1, expired: 1, ended: 0 });
    expect(await run()).toMatchObject({ present: 1, migrated: 0, ended: 0 });
    expect(await whoIs((await newApplication(store))('endless'))).toMatchObject(['ada', { id: 'endless' }]);
  });

  it('refuses an empty table and a table of another database, and changes nothing', async () => {
    await pool.query(PG_SIMPLE_TABLE(old));
    await keep('a', sessionOf('ada', { n: 1 }));
    const args = ['--table', old, '--write'];
    await convertInto(store, [...PG_SIMPLE, ...args]);
    const other = `other_${randomBytes(4).toString('hex')}`;
    await pool.query(`CREATE DATABASE "${other}"`);
    const url = new URL(database);
    url.pathname = other;
    process.env['OTHER'] = url.href;
    try {
      const client = new pg.Client({ connectionString: url.href });
      await client.connect();
      await client.query(PG_SIMPLE_TABLE(old));
      await client.query(PG_SIMPLE_SET(old), [sessionOf('eve'), seconds(600), 'e']);
      await client.end();
      const said = await convertInto(store, ['--from', 'connect-pg-simple', '--url-env', 'OTHER', ...args]);
      expect([said.status, said.err]).toEqual([
        65,
        expect.stringMatching(/is in another database, or at another address, than/),
      ]);
    } finally {
      await pool.query(`DROP DATABASE "${other}"`);
    }
    await pool.query(`UPDATE "${old}" SET expire = now() - interval '1 minute'`);
    const empty = await convertInto(store, [...PG_SIMPLE, ...args]);
    expect([empty.status, empty.err]).toEqual([
      65,
      expect.stringMatching(/is empty and would end 1 of the 1/),
    ]);
    expect([await rows(), await whoIs((await newApplication(store))('a'))]).toMatchObject([
      1,
      ['ada', { n: 1 }],
    ]);
  });

  it('takes a mark for its own table only', async () => {
    await pool.query(PG_SIMPLE_TABLE(old));
    await pool.query(PG_SIMPLE_TABLE(`${old}_2`));
    for (let i = 0; i < 4; i++) await keep(`sid-${i}`, sessionOf('ada'));
    const args = [...PG_SIMPLE, '--table', old, '--write', '--batch', '2'];
    const { again } = await convertInto(store, args, { interrupt: true });
    const other = [...PG_SIMPLE, '--table', `${old}_2`, '--after', again!.at(-1)!];
    const { status, err } = await convertInto(store, other);
    expect([status, err]).toEqual([64, expect.stringMatching(/--after is no mark of these sessions/)]);
  });

  it('knows the old table again for a user without rights but SELECT', async () => {
    await pool.query(PG_SIMPLE_TABLE(old));
    await keep('a', sessionOf('ada'));
    await convertInto(store, [...PG_SIMPLE, '--table', old, '--write']);
    process.env['READER'] = await role(`GRANT SELECT ON "${old}"`);
    const flags = ['--from', 'connect-pg-simple', '--url-env', 'READER', '--table', old, '--json'];
    expect(JSON.parse((await convertInto(store, flags)).out)).toMatchObject({ present: 1, ended: 0 });
  });

  it('reads the column without a zone in the zone of the connection', async () => {
    await pool.query(PG_SIMPLE_TABLE(old));
    const url = new URL(database);
    url.searchParams.set('options', '-c TimeZone=Asia/Tokyo');
    process.env['TOKYO'] = url.href;
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    await client.query(PG_SIMPLE_SET(old), [sessionOf('ada'), seconds(600), 'alive']);
    await client.query(PG_SIMPLE_SET(old), [sessionOf('ada'), seconds(-600), 'late']);
    await client.end();
    const { out } = await convertInto(store, [
      '--from', 'connect-pg-simple', '--url-env', 'TOKYO', '--table', old, '--write', '--json',
    ]); // prettier-ignore
    expect(JSON.parse(out)).toMatchObject({ converted: 1, expired: 1, ended: 0 });
  });

  it('converts sessions of connect-typeorm, and none that was destroyed', async () => {
    await pool.query(TYPEORM_TABLE(old));
    const insert = `INSERT INTO "${old}" ("expiredAt", "id", "json", "destroyedAt") VALUES ($1, $2, $3, $4)`;
    const json = JSON.stringify(sessionOf('ada', { n: 1 }));
    await pool.query(insert, [Date.now() + 60_000, 'a', json, null]);
    await pool.query(insert, [Date.now() + 60_000, 'b', json, null]);
    await pool.query(insert, [Date.now() + 60_000, 'destroyed', json, new Date()]);
    await pool.query(insert, [Date.now() - 60_000, 'late', json, null]);
    const run = async () =>
      JSON.parse((await convertInto(store, [...TYPEORM, '--table', old, '--write', '--json'])).out);
    expect(await run()).toMatchObject({ read: 3, converted: 2, expired: 1, ended: 0 });
    await pool.query(`UPDATE "${old}" SET "destroyedAt" = now() WHERE "id" = 'b'`);
    expect(await run()).toMatchObject({ present: 1, ended: 1 });
    const visitor = await newApplication(store);
    expect(await whoIs(visitor('a'))).toMatchObject(['ada', { n: 1 }]);
    for (const id of ['b', 'destroyed', 'late']) expect(await whoIs(visitor(id))).toEqual([null, {}]);
  });

  it('stops between two batches when it is interrupted, and says how to go on', async () => {
    await pool.query(PG_SIMPLE_TABLE(old));
    for (let i = 0; i < 7; i++) await keep(`sid-${i}`, sessionOf('ada'));
    const args = [...PG_SIMPLE, '--table', old, '--write', '--json', '--batch', '3'];
    const { status, out, err, again } = await convertInto(store, args, { interrupt: true });
    expect(status).toBe(75);
    expect(err).toMatch(/stopped between two batches; go on with: session-crypto convert /);
    expect(err).not.toMatch(/sid-/);
    expect(JSON.parse(out)).toMatchObject({ converted: 3 });
    expect(await rows()).toBe(3);
    const rest = await convertInto(store, [...again!, '--json']);
    expect([rest.status, JSON.parse(rest.out)]).toMatchObject([0, { converted: 4, present: 0 }]);
  });

  it('says what is no table of the package, and changes nothing', async () => {
    await pool.query(TYPEORM_TABLE(old));
    const cases = [
      [[...PG_SIMPLE, '--table', old], 65, `"${old}" belongs to connect-typeorm (express-session); write --from connect-typeorm`],
      [[...PG_SIMPLE, '--table', table], 65, `"${table}" is a table of nestjs-session-crypto itself; connect-pg-simple has sid, sess, expire; name its table by --table and --schema`],
      [[...PG_SIMPLE, '--table', 'pg_roles'], 65, '"pg_roles" is the table of another program: its columns are "rolname"'],
      [[...PG_SIMPLE, '--table', 'none'], 66, 'the database has no table "none"; name the old one by --table and --schema'],
      [[...PG_SIMPLE, '--schema', 'no"ne'], 66, 'the database has no table "no""ne"."session"'],
    ] as const; // prettier-ignore
    for (const [args, status, message] of cases) {
      const said = await convertInto(store, [...args, '--write']);
      expect([said.status, said.out]).toEqual([status, '']);
      expect(said.err).toContain(`session-crypto: ${message}`);
      expect(said.err.trim().split('\n')).toHaveLength(1);
    }
    expect(await rows()).toBe(0);
  });

  it('says that a table with the right columns holds no sessions', async () => {
    await pool.query(PG_SIMPLE_TABLE(old));
    await keep('a', { secret: 'tea' });
    const { status, err } = await convertInto(store, [...PG_SIMPLE, '--table', old, '--write']);
    expect(status).toBe(65);
    expect(err).toMatch(
      /holds no sessions of express-session: of the first 1, none is one \(no cookie in it\)/,
    );
    expect([await rows(), err]).toEqual([0, expect.not.stringMatching(/tea/)]);
  });

  it('ends with 1 and the reasons where some sessions cannot be read', async () => {
    await pool.query(PG_SIMPLE_TABLE(old));
    await keep('a', sessionOf('ada'));
    await keep('b', '["tea"]' as never);
    const { status, out } = await convertInto(store, [...PG_SIMPLE, '--table', old, '--write']);
    expect([status, await rows()]).toEqual([1, 1]);
    expect(out).toMatch(/unreadable +1 {2}no JSON object: 1/);
  });

  it('ends with 77 where it may not read there or write here, and says what to grant', async () => {
    await pool.query(PG_SIMPLE_TABLE(old));
    await keep('a', sessionOf('ada'));
    process.env['NO_READ'] = await role();
    const unread = await convertInto(store, [
      '--from', 'connect-pg-simple', '--url-env', 'NO_READ', '--table', old, '--write',
    ]); // prettier-ignore
    expect([unread.status, unread.err]).toEqual([
      77,
      `session-crypto: this user may not read "${old}" (42501); run GRANT SELECT ON "${old}" for it\n`,
    ]);
    const reader = new pg.Pool({ connectionString: await role(`GRANT SELECT ON "${table}"`) });
    const unwritten = await convertInto(pgStore({ pool: reader, table }), [
      ...PG_SIMPLE,
      '--table',
      old,
      '--write',
    ]);
    await reader.end();
    expect(unwritten.status).toBe(77);
    expect(unwritten.err).toMatch(/42501/);
    expect(await rows()).toBe(0);
  });

  it('ends with 69 where the old database does not answer', async () => {
    process.env['AWAY'] = 'postgres://ada:tea@127.0.0.1:1/none';
    const { status, err } = await convertInto(store, ['--from', 'connect-pg-simple', '--url-env', 'AWAY']);
    expect([status, err]).toEqual([
      69,
      'session-crypto: the database of the old sessions does not answer (ECONNREFUSED); check that it runs, and its address\n',
    ]);
  });

  it('ends with 64 where the command line is wrong', async () => {
    await pool.query(PG_SIMPLE_TABLE(old));
    process.env['NO_ADDRESS'] = 'tea';
    const cases = [
      [['--from', 'connect-pg-simple', '--url-env', 'NOT_SET'], /variable NOT_SET is not set; put the address/],
      [['--from', 'connect-pg-simple', '--url-env', 'NO_ADDRESS'], /variable NO_ADDRESS holds no address such as postgres:/],
      [[...PG_SIMPLE, '--prefix', 'sess:'], /--prefix is not for connect-pg-simple; leave it out/],
      [[...PG_SIMPLE, '--batch', '0'], /--batch is no whole number from 1 to 10000/],
      [[...PG_SIMPLE, '--table', old, '--after', 'tea'], /--after is no mark of these sessions/],
      [['--from', 'connect-mongo'], /connect-pg-simple, connect-typeorm, connect-redis/],
      [[], /--from/],
    ] as const; // prettier-ignore
    for (const [args, message] of cases) {
      const { status, err } = await convertInto(store, args);
      expect([status, err]).toEqual([64, expect.stringMatching(message)]);
      expect(err).not.toMatch(/holds.*tea/);
    }
  });
});
