import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomBytes } from 'node:crypto';
import { collectDirectives } from '../../lib/apache/directives/read-directives.js';
import { Diagnostics } from '../../lib/apache/directives/diagnostics.js';
import { SessionConfigError } from '../../lib/errors/session-config.error.js';
import { ALICE, USER_FILE } from './support/accounts.js';
import { linesRefused } from './support/config-test.js';
import { HtaccessServer, WORD } from './support/htaccess.js';
import { live } from './support/live.js';
import { Dice } from './support/random-sessions.js';
import { mildValue, randomValue } from './support/random-values.js';
import { DBD_MODULES, sessionTable, type SessionTable } from './support/session-table.js';
import { PROBES, SERVER_PROBES, type Probe } from './support/value-probes.js';

/** Values of each directive; `VALUES=20000` is the long run. */
const COUNT = Number(process.env['VALUES'] ?? 25);
const seed = process.env['SEED'] ?? randomBytes(6).toString('hex');
const LONG = { timeout: 30_000 + COUNT * 100 };

if (live) console.log(`test/apache: ${COUNT} random values of each directive, SEED=${seed}`);

/** What our reader refuses on purpose although httpd starts with it; docs/apache.md lists these kinds. */
const ON_PURPOSE = [
  /has a quote that is not closed/,
  /allowed is a whole number of \w+ \(httpd would read/,
  /with a negative number httpd saves no session/,
  /allowed are at most 2147483647 seconds/,
  /allowed is the name of a header/,
  /allowed is a path that begins with \//,
  /begins with a quote, which httpd makes part of the name/,
  /allowed is the name of a cookie/,
  /has its attributes in quotes/,
  /has a blank inside an attribute/,
  /has an unknown attribute/,
  /has a control character, with which httpd answers/,
  /has an unknown SameSite/,
  /has a Path that does not begin with/,
  /has an empty Domain/,
  /has a Max-Age that is no whole number/,
  /by which browsers delete the cookie at once/,
  /has an unknown Priority/,
  /holds U\+FFFD/,
  /has an empty word at position/,
  /is not defined/,
  /exec: is not accepted in \.htaccess/,
  /httpd evaluates a variable at each request/,
  /its escapes give bytes that are no text/,
  /SessionCryptoDriver has no value/,
];

/** Faults of lines that stand in the server's configuration and not in the text. */
const ELSEWHERE = /^Session is On|sends Set-Cookie2|but no DBDPrepareSQL has that label/;

/** A variable or function, whose names depend on the modules that are loaded. Whether they exist is not checked here. */
const FUNCTION = /%\{[A-Za-z]\w*[}:]/;

/** A value at which httpd's process dies. It is not sent thousands of times; a test of its own sends it. */
const CRASHES = /a backslash at the end makes/;

interface Reading {
  readonly faults: readonly string[];
  readonly meaning: unknown;
}

/** Reads a text here. Only the faults of its last line count. */
function readHere(text: string, line: number, probe: Probe, context: 'server' | 'htaccess'): Reading {
  const diagnostics = new Diagnostics();
  const options = { context, defines: { WORD }, serverRoot: '/root' };
  const model = collectDirectives(text, options, diagnostics);
  try {
    diagnostics.throwFaults();
  } catch (error) {
    const faults = (error as SessionConfigError).faults
      .filter(({ path, message }) => path === `directives line ${line}` && !ELSEWHERE.test(message))
      .map(({ message }) => message);
    if (faults.length) return { faults, meaning: undefined };
  }
  return { faults: [], meaning: probe.ours?.(model) };
}

const linesIn = (text: string) => text.split('\n').length;
const onPurpose = (faults: readonly string[]) =>
  faults.every((fault) => ON_PURPOSE.some((one) => one.test(fault)));

interface Difference {
  readonly value: string;
  readonly here: unknown;
  readonly httpd: unknown;
}

/** The figures of one directive. */
class Tally {
  stricter = 0;
  refused = 0;
  notJudged = 0;
  readonly differences: Difference[] = [];

  constructor(readonly name: string) {}

  toString(): string {
    return `${this.name}: ${COUNT} values, ${this.refused} refused by httpd, ${this.stricter} refused here on purpose, ${this.notJudged} not judged, ${this.differences.length} differences`;
  }
}

describe.skipIf(!live)(`${COUNT} random values of each directive (SEED=${seed})`, () => {
  let server: HtaccessServer;
  let table: SessionTable;

  beforeAll(async () => {
    table = await sessionTable();
    const labels = ['first', 'second', 'third'].map(
      (name) => `DBDPrepareSQL "SELECT CASE WHEN %s <> '' AND %lld > 0::bigint THEN 'a=${name}' END" ${name}`,
    );
    const user = `DBDPrepareSQL "SELECT 'a=' || %s FROM ${table.name} RIGHT JOIN (SELECT 1) AS one ON true WHERE %lld > 0::bigint" someone`;
    server = await HtaccessServer.start(
      `${table.config}${labels.join('\n')}\n${user}\n`,
      DBD_MODULES,
      USER_FILE,
    );
    expect(ALICE.name).toBe('alice');
  });
  afterAll(async () => {
    await server?.stop();
    await table?.close();
  });

  it.each(PROBES)('$name means the same, or is refused', LONG, async (probe) => {
    const tally = new Tally(probe.name);
    const dice = new Dice(`${seed}/${probe.name}`);
    const values = Array.from({ length: COUNT }, () => randomValue(dice, probe.samples)).entries();
    const work = async (folder: number) => {
      for (const [, value] of values) await tryValue(probe, value, folder, tally, dice);
    };
    const ended = await Promise.allSettled(
      Array.from({ length: HtaccessServer.FOLDERS }, (_, folder) => work(folder)),
    );
    expect(ended.filter(({ status }) => status === 'rejected')).toEqual([]);
    if (COUNT > 1000) console.log(String(tally));
    expect(tally.differences.slice(0, 20), String(tally)).toEqual([]);
  });

  it('a backslash at the end of an expression kills the process that reads it', async () => {
    for (const name of ['AuthName', 'AuthType', 'AuthFormLogoutLocation']) {
      server.write(0, `${name} x\\`);
      await expect(server.ask(0)).rejects.toThrow(/hang up|ECONNRESET/);
      expect(readHere(`${name} x\\`, 1, PROBES[0]!, 'htaccess').faults).toEqual([
        expect.stringMatching(/a backslash at the end makes/),
      ]);
    }
  });

  async function tryValue(
    probe: Probe,
    value: string,
    folder: number,
    tally: Tally,
    dice: Dice,
  ): Promise<void> {
    const before = (probe.before ?? '').replaceAll('/F/', `/${folder}/`);
    const text = `${before}${probe.name} ${value.replaceAll('/F/', `/${folder}/`)}`;
    const here = readHere(text, linesIn(before), probe, 'htaccess');
    const dies = probe.name.startsWith('Auth') && /\\\s*$/.test(value);
    if (probe.name.startsWith('AuthFormLog') && FUNCTION.test(value)) return void tally.notJudged++;
    if (here.faults.some((fault) => CRASHES.test(fault) || dies)) return void tally.refused++;
    const bench = { server, folder, dice };
    server.write(folder, text);
    const first = await server.ask(folder);
    const accepted =
      first.accepted || (before.includes('/plain') && (await server.ask(folder, { path: 'plain' })).accepted);
    if (!accepted) tally.refused++;
    if (here.faults.length) {
      if (!accepted) return;
      // httpd takes any name of a cipher, and then seals nothing
      const isUseless = probe.name === 'SessionCryptoCipher' && first.setCookie === undefined;
      if (onPurpose(here.faults) || isUseless) tally.stricter++;
      else tally.differences.push({ value, here: here.faults, httpd: 'accepts' });
      return;
    }
    const theirs = accepted ? await (probe.theirs?.(bench, here.meaning, first) ?? here.meaning) : 'refuses';
    if (theirs !== here.meaning)
      tally.differences.push({ value, here: here.meaning ?? 'accepts', httpd: theirs });
  }
});

/** The drivers of APR that need not be installed here. */
const OTHER_DRIVERS = /\b(?:mysql|odbc|oracle|sqlite2|sqlite3)\b/;

describe.skipIf(!live)(`${COUNT} random values of each directive of the server (SEED=${seed})`, () => {
  it.each(SERVER_PROBES)('$name is refused where httpd refuses it', LONG, async (probe) => {
    const tally = new Tally(probe.name);
    const dice = new Dice(`${seed}/server/${probe.name}`);
    const values = Array.from({ length: COUNT }, () => mildValue(dice, probe.good, probe.samples));
    const files = ['KEYS', 'THE KEYS', "IT'S KEYS"];
    const refused = await linesRefused(
      values.map((value) => `${probe.name} ${value}`),
      {
        before: probe.before ?? '',
        modules: [...DBD_MODULES, 'auth_form', 'request', 'authn_core', 'authn_file'],
        files,
      },
    );
    tally.refused = refused.size;
    for (const [i, value] of values.entries()) {
      const before = probe.before ?? '';
      const end = before ? '\n\n\n\n</Location>\n' : '\n\n\n\n';
      const here = readHere(`${before}${probe.name} ${value}${end}`, linesIn(before), probe, 'server');
      const message = refused.get(i);
      if (here.faults.length && message === undefined) {
        if (onPurpose(here.faults)) tally.stricter++;
        else tally.differences.push({ value, here: here.faults, httpd: 'accepts' });
      }
      const isOfMachine =
        (probe.name === 'DBDriver' && OTHER_DRIVERS.test(value)) ||
        /could not open|Could not open|Unknown Authn provider/.test(message ?? '');
      if (!here.faults.length && message !== undefined && !isOfMachine)
        tally.differences.push({ value, here: 'accepts', httpd: message });
    }
    if (COUNT > 1000) console.log(String(tally));
    expect(tally.differences.slice(0, 20), String(tally)).toEqual([]);
  });
});
