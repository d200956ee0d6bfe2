import { describe, expect, it } from 'vitest';
import {
  auditOptions,
  cookieStore,
  memoryStore,
  RequireSession,
  SessionConfigError,
  UseSession,
} from 'nestjs-session-crypto';
import { pgStore } from 'nestjs-session-crypto/pg';
import { fromPhpIni, PHP_SERIALIZERS, readPhpIni, sessionFromJson } from 'nestjs-session-crypto/php';
import {
  createTableSql,
  dropTableSql,
  sessionEntity,
  sessionMigration,
  typeOrmStore,
} from 'nestjs-session-crypto/typeorm';

const crypto = { secrets: [`hex:${'11'.repeat(32)}`] };
const { php } = PHP_SERIALIZERS;

/** Calls a function with options that TypeScript would refuse. Returns the faults. */
function faultsOf(call: (options: never) => unknown, options: unknown): string[] {
  try {
    call(options as never);
  } catch (error) {
    if (!(error instanceof SessionConfigError)) throw error;
    return error.faults.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

/** Each function, a misspelt option of it, and the name that was meant. */
const CALLS: readonly [string, (options: never) => unknown, string, string][] = [
  ['fromPhpIni()', (options) => fromPhpIni('', options), 'sharedUnseald', 'sharedUnsealed'],
  ['fromPhpIni()', (options) => fromPhpIni('', options), 'onFindings', 'onFinding'],
  ['readPhpIni()', (options) => readPhpIni('', options), 'verison', 'version'],
  ['cookieStore()', cookieStore, 'acceptReplays', 'acceptReplay'],
  ['memoryStore()', memoryStore, 'allowProduction', 'allowInProduction'],
  ['typeOrmStore()', typeOrmStore, 'tabel', 'table'],
  [
    'pgStore()',
    (options: object) => pgStore({ pool: () => Promise.resolve({ rows: [] }), ...options }),
    'tabel',
    'table',
  ],
  ['sessionEntity()', sessionEntity, 'shema', 'schema'],
  ['sessionMigration()', sessionMigration, 'shema', 'schema'],
  ['createTableSql()', createTableSql, 'tabel', 'table'],
  ['dropTableSql()', dropTableSql, 'tabel', 'table'],
  ['auditOptions() environment', (it) => auditOptions({ crypto }, it), 'prodution', 'production'],
  ['@UseSession()', (options) => UseSession(options), 'read_only', 'readonly'],
  ['@UseSession()', (options) => UseSession('shop', options), 'idleTimeOut', 'idleTimeout'],
  ['@RequireSession()', RequireSession, 'frehs', 'fresh'],
  ['limits', (limits) => php.decode(Buffer.alloc(0), limits), 'deph', 'depth'],
  ['limits', (limits) => php.encode(sessionFromJson({}), limits), 'sizes', 'size'],
];

describe('an unknown option', () => {
  it.each(CALLS)('of %s is a fault that guesses what was meant', (name, call, key, meant) => {
    expect(faultsOf(call, { [key]: 1 })).toEqual([`${name}.${key}: is unknown; is "${meant}" meant?`]);
    expect(faultsOf(call, { zzzzzzzzzzzz: 1 })[0]).toMatch(/is unknown; known are .*\w/);
  });

  it.each(CALLS)('of %s stands beside every other fault of its kind', (_, call) => {
    expect(faultsOf(call, { unknownOne: 1, unknownTwo: 2 })).toHaveLength(2);
    expect(faultsOf(call, {})).toEqual([]);
  });

  it.each(CALLS.filter(([name]) => name !== 'pgStore()'))(
    'of %s is not looked for in what is no object',
    (name, call) => {
      for (const wrong of [null, 'x', 5, ['x']].slice(name === '@UseSession()' ? 2 : 0))
        expect(faultsOf(call, wrong)).toEqual([expect.stringMatching(/^.*: got .*; allowed is an object$/)]);
    },
  );
});
