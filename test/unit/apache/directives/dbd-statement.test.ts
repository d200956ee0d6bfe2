import { describe, expect, it } from 'vitest';
import { insertTarget, parameterCount } from '../../../../lib/apache/directives/dbd-statement.js';
import { superlinear } from '../../support/cpu.js';

describe('the table of an INSERT', () => {
  it.each([
    ['insert into session (a) values (%s)', { table: 'session' }],
    ['INSERT  INTO\tSessions(a)', { table: 'sessions' }],
    ['INSERT INTO "Web Sessions" (a)', { table: 'Web Sessions' }],
    ['INSERT INTO"Web"(a)', { table: 'Web' }],
    ['INSERT INTO "say ""hi""" (a)', { table: 'say "hi"' }],
    ['insert into app.session(a)', { schema: 'app', table: 'session' }],
    ['insert into App . "Session" (a)', { schema: 'app', table: 'Session' }],
    ['insert into "a.b".c (a)', { schema: 'a.b', table: 'c' }],
    ['insert into db.app.session (a)', { schema: 'app', table: 'session' }],
    ['insert into app./* the table */session (a)', { schema: 'app', table: 'session' }],
    ['/* of the shop */ insert into session (a)', { table: 'session' }],
    ['-- insert into other\ninsert into session (a)', { table: 'session' }],
    ['insert /* into x */ into -- y\n session (a)', { table: 'session' }],
    ['insert into gr\u00fcn$1 (a)', { table: 'gr\u00fcn$1' }],
    ['insert into \u00c4B values (%s)', { table: '\u00c4b' }],
    ['insert into session', { table: 'session' }],
  ])('of %j', (sql, table) => {
    expect(insertTarget(sql)).toEqual(table);
  });

  it.each([
    '',
    'select put_session(%s, %lld, %s)',
    'update session set a = %s',
    "select 'insert into session'",
    'insert into',
    'insert into "open',
    'insert into (a)',
    'insert into 5session (a)',
    '/* insert into session (a)',
    'insertinto session',
    'insert intosession',
    'with x as (select 1) insert into session select 1',
  ])('is unknown in %j', (sql) => {
    expect(insertTarget(sql)).toBeUndefined();
  });

  it.each(['/**/', '/* * ', '--\n', 'insert into a.', '"" ', 'insert into "a""', ' '])(
    'is found in linear time in %j, again and again',
    (worst) => {
      const make = (length: number) => worst.repeat(length / worst.length);
      expect(superlinear(insertTarget, make)).toBeUndefined();
    },
  );
});

it.each([
  ['', 0],
  ['%s', 1],
  ['%s %% %lld %d %pDt 5% %', 4],
  ["like '%x'", 0],
])('the parameters of %j are counted', (sql, count) => {
  expect(parameterCount(sql)).toBe(count);
});
