import { describe, expect, it } from 'vitest';
import {
  tableOfKnown,
  wrongColumn,
  type StatementKind,
} from '../../../../lib/apache/directives/statement-shape.js';
import { superlinear } from '../../support/cpu.js';

describe('a statement of the manual', () => {
  it.each<[StatementKind, string, string]>([
    ['select', 'select value from session where key = %s and (expiry = 0 or expiry > %lld)', 'session'],
    ['select', 'SELECT value FROM session WHERE key=%s AND (expiry=0 OR expiry>=%lld);', 'session'],
    ['select', 'select "value" from a.b where "key" = %s AND (expiry > %lld OR expiry = 0)', 'a . b'],
    ['select', 'select value from session where key = %s', 'session'],
    ['insert', 'insert into "Web Sessions"(value,expiry,key) VALUES(%s,%lld,%s)', '"Web_Sessions"'],
    ['insert', '/* new */ insert into session -- ours\n(value, expiry, key) values (%s, %d, %s)', 'session'],
    ['update', 'UPDATE Session SET value = %s, expiry = %lld, key = %s WHERE key = %s', 'session'],
    ['delete', 'delete from session where key = %s', 'session'],
  ])('that %ss is known: %s', (kind, sql, table) => {
    expect(tableOfKnown(kind, sql)).toBe(table);
    expect(wrongColumn(kind, sql)).toBeUndefined();
  });
});

describe('a statement that may find other rows', () => {
  it.each<[StatementKind, string]>([
    ['select', "SELECT value FROM session WHERE key=%s AND app='shop'"],
    ['select', 'SELECT value FROM session WHERE key=%s AND expiry > %lld'],
    ['select', 'SELECT s.value FROM session s WHERE s.key=%s'],
    ['select', 'SELECT get_session(%s, %lld)'],
    ['select', "SELECT value FROM session WHERE 'key' = %s"],
    ['select', "SELECT value FROM session WHERE sid = '%s'"],
    ['select', 'SELECT value FROM session WHERE prefix || sid = %s'],
    ['select', 'SELECT value FROM session WHERE key LIKE %%s AND key = %s'],
    ['insert', "INSERT INTO session (value,expiry,key,app) VALUES(%s,%lld,%s,'shop')"],
    ['insert', 'INSERT INTO session VALUES (%s, %lld, %s)'],
    ['insert', 'INSERT INTO session (value, expiry, key) VALUES (upper(%s), %lld, %s)'],
    ['insert', 'INSERT INTO session (value, expiry, key) VALUES (%s, %lld, %s) ON CONFLICT DO NOTHING'],
    ['insert', 'SELECT put_session(%s, %lld, %s)'],
    ['update', 'UPDATE session SET value=%s, expiry=%lld, key=%s, seen=now() WHERE key=%s'],
    ['delete', "DELETE FROM session WHERE key=%s AND app='shop'"],
    ['delete', 'UPDATE session SET expiry = 1 WHERE key=%s'],
  ])('that %ss is not known, and has no wrong column: %s', (kind, sql) => {
    expect(tableOfKnown(kind, sql)).toBeUndefined();
    expect(wrongColumn(kind, sql)).toBeUndefined();
  });
});

describe('a wrong column', () => {
  it.each<[StatementKind, string, string, string]>([
    ['select', 'SELECT data FROM session WHERE key=%s', 'data', 'value'],
    ['select', 'SELECT key, value FROM session WHERE key=%s', 'key', 'value'],
    ['select', 'SELECT value FROM session WHERE sid=%s AND (expiry=0 OR expiry>%lld)', 'sid', 'key'],
    ['select', 'SELECT value FROM session WHERE key=%s AND (until=0 OR until>%lld)', 'until', 'expiry'],
    ['select', 'SELECT value FROM session WHERE expiry>%lld AND key=%s', 'expiry', 'key'],
    ['insert', 'INSERT INTO session (data, expiry, key) VALUES (%s, %lld, %s)', 'data', 'value'],
    ['insert', 'INSERT INTO session (key, expiry, value) VALUES (%s, %lld, %s)', 'key', 'value'],
    [
      'insert',
      'INSERT INTO session (app, value, expiry, "Key") VALUES (\'a\', %s, %lld, %s)',
      '"Key"',
      'key',
    ],
    ['update', 'UPDATE session SET value=%s, until=%lld, key=%s WHERE key=%s', 'until', 'expiry'],
    ['update', 'UPDATE session s SET value=%s, expiry=%lld, key=%s WHERE s.sid=%s', 'sid', 'key'],
    ['delete', 'DELETE FROM session WHERE sid = %s', 'sid', 'key'],
  ])('of what %ss is found: %s', (kind, sql, found, meant) => {
    expect(wrongColumn(kind, sql)).toEqual({ found, meant });
  });
});

describe.each(['', 'select value from ', 'insert into a ('])('a statement that begins with %j', (start) => {
  const judge = (sql: string) => [tableOfKnown('select', sql), wrongColumn('insert', sql)];

  it.each(['/*', '/* ', '/**/', '"', '""', "'", "''", '%', '%s', '= ?', '--\n', 'a.', '(', ')', ', ', ' '])(
    'is judged in linear time where it goes on with %j, again and again',
    (worst) => {
      const make = (length: number) => start + worst.repeat(length / worst.length);
      expect(superlinear(judge, make)).toBeUndefined();
    },
  );
});
