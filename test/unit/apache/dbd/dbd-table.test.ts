import { describe, expect, it } from 'vitest';
import { dbdStatements, dbdTableSql } from '../../../../lib/apache/dbd/dbd-table.js';

describe('the table of mod_session_dbd', () => {
  it('is made by two statements', () => {
    expect(dbdTableSql()).toEqual([
      'CREATE TABLE "session" ("key" text PRIMARY KEY, "value" text, "expiry" bigint NOT NULL DEFAULT 0)',
      'CREATE INDEX "session_expiry_idx" ON "session" ("expiry") WHERE "expiry" <> 0',
    ]);
  });

  it('has an index whose name PostgreSQL does not cut, and so not confuse with another', () => {
    const [a, b] = ['x', 'y'].map((last) => dbdTableSql({ table: 't'.repeat(62) + last })[1]!);
    const name = (sql: string) => /INDEX "([^"]+)"/.exec(sql)![1]!;
    expect(name(a!)).not.toBe(name(b!));
    for (const sql of [a!, b!]) expect(Buffer.byteLength(name(sql))).toBeLessThanOrEqual(63);
  });

  it('may have any name, which no statement takes for SQL', () => {
    const where = { table: 'a"; DROP TABLE x; --' };
    const texts = Object.values(dbdStatements(where)).map(({ text }) => text);
    for (const sql of [...dbdTableSql(where), ...texts]) {
      expect(sql.replaceAll(/"(?:[^"]|"")*"/g, '')).not.toContain('DROP TABLE');
    }
  });
});
