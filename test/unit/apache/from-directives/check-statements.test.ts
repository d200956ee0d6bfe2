import { describe, expect, it } from 'vitest';
import { fromApacheDirectives, type FromDirectivesOptions } from '../../../../lib/apache/index.js';
import { Diagnostics } from '../../../../lib/apache/directives/diagnostics.js';
import { collectDirectives } from '../../../../lib/apache/directives/read-directives.js';
import { checkStatements } from '../../../../lib/apache/from-directives/check-statements.js';
import { SessionConfigError } from '../../../../lib/errors/session-config.error.js';

const MANUAL = `
DBDPrepareSQL "SELECT value FROM session WHERE key = %s AND (expiry = 0 OR expiry > %lld)" selectsession
DBDPrepareSQL "INSERT INTO session (value, expiry, key) VALUES (%s, %lld, %s)" insertsession
DBDPrepareSQL "UPDATE session SET value = %s, expiry = %lld, key = %s WHERE key = %s" updatesession
DBDPrepareSQL "DELETE FROM session WHERE key = %s" deletesession
Session On
SessionCryptoPassphrase hunter2
SessionDBDCookieName id path=/;HttpOnly;Secure
`;
const SHOP = MANUAL.replace('key = %s AND', "key = %s AND app = 'shop' AND").replace(
  'key) VALUES (%s, %lld, %s)',
  "key, app) VALUES (%s, %lld, %s, 'shop')",
);

/** Returns faults or else findings, as `line: message`. */
function judged(text: string, options: FromDirectivesOptions = {}): string[] {
  const diagnostics = new Diagnostics();
  checkStatements(collectDirectives(text, options, diagnostics), options, diagnostics);
  try {
    diagnostics.throwFaults();
  } catch (error) {
    return (error as SessionConfigError).faults.map(({ path, message }) => `${path} FAULT: ${message}`);
  }
  return diagnostics.findings().map(({ line, message }) => `${line}: ${message}`);
}

describe("the administrator's SQL", () => {
  it('of the manual is nothing to report', () => {
    expect(judged(MANUAL)).toEqual([]);
  });

  it('with other conditions and constants is a finding', () => {
    expect(judged(SHOP)).toEqual([
      `2: DBDPrepareSQL "selectsession" is not run here, and it is not the statement of httpd's manual; rows are shared only if it finds and makes the same rows; write SELECT value FROM … WHERE key = %s AND (expiry = 0 OR expiry > %lld)`,
      `3: DBDPrepareSQL "insertsession" is not run here, and it is not the statement of httpd's manual; rows are shared only if it finds and makes the same rows; write INSERT INTO … (value, expiry, key) VALUES (%s, %lld, %s)`,
    ]);
    expect(() => fromApacheDirectives(SHOP)).not.toThrow();
  });

  it('with other columns is a fault at its line, unless the option table names a view', () => {
    const text = MANUAL.replaceAll('key =', 'sid =');
    const fault = (label: string) =>
      `DBDPrepareSQL "${label}" has the column "sid" for what httpd keeps in key; the columns here are key, value and expiry, so rename it`;
    expect(judged(text)).toEqual([
      `directives line 2 FAULT: ${fault('selectsession')}`,
      `directives line 4 FAULT: ${fault('updatesession')}`,
      `directives line 5 FAULT: ${fault('deletesession')}`,
    ]);
    expect(() => fromApacheDirectives(text)).toThrow(SessionConfigError);
    expect(judged(text, { table: 'my_view' })).toHaveLength(3);
    expect(() => fromApacheDirectives(text, { table: 'my_view' })).not.toThrow();
  });

  it('for two tables is a finding', () => {
    expect(judged(MANUAL.replace('FROM session', 'FROM web.session'))).toEqual([
      '2: DBDPrepareSQL "selectsession" uses another table than the INSERT, whose table is used here; rows are shared only if both are one table; write the same name',
    ]);
  });

  it('with a wrong number of parameters has that fault alone', () => {
    expect(judged(MANUAL.replace('WHERE key = %s"', 'WHERE sid = 1"'))).toEqual([
      expect.stringMatching(/^directives line 4 FAULT: .* has 3 parameters/),
    ]);
  });

  it('does not count where sessions are off or in a cookie', () => {
    expect(judged(SHOP.replace('Session On', 'Session Off'))).toEqual([]);
    expect(judged(`${SHOP}SessionCookieName s path=/;HttpOnly;Secure`)).toHaveLength(1);
  });
});
