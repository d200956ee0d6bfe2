import { beforeEach, describe, expect, it } from 'vitest';
import { managedRing, memoryKeyStore, memoryStore, type SessionCryptoOptions } from 'nestjs-session-crypto';
import type { CommandIo } from '../../../lib/cli/command-io.interface.js';
import { command } from '../../support/command.js';
import { ScriptApp } from '../../support/script-app.js';

const SECRET = 'raw:w4nQe0ZrmBfV7nKXo3m6yWQh1T9sJtUu2cPzLgAaXbE';
const OTHER = 'raw:b4nQe0ZrmBfV7nKXo3m6yWQh1T9sJtUu2cPzLgAaXbE';

let time: number;
let options: SessionCryptoOptions;

beforeEach(() => {
  time = Date.UTC(2026, 10, 29, 12);
  const store = memoryKeyStore({ now: () => new Date(time) });
  options = { crypto: { secrets: [SECRET], ring: managedRing({ store }) }, store: memoryStore() };
});

const keys = (args: readonly string[], given: SessionCryptoOptions = options, io: Partial<CommandIo> = {}) =>
  command(['keys', ...args], given, io);

const withSecret = (secret: string): SessionCryptoOptions => ({
  ...options,
  crypto: { ...options.crypto, secrets: [secret] },
});

describe('session-crypto keys', () => {
  it('lists what there is, in a table or as JSON', async () => {
    await keys(['add']);
    const { status, out } = await keys(['list']);
    expect(status).toBe(0);
    expect(out).toMatch(/^id {2}hint {6}state {6}created {12}seals {14}retires {12}drops\n/);
    expect(out).toMatch(/\n1 {3}[0-9a-f]{8} {2}sealing {4}2026-11-29 12:00Z/);
    expect(out).toMatch(/\n2 {3}[0-9a-f]{8} {2}published {2}2026-11-29 12:00Z {2}2026-12-01 12:00Z/);
    const json = JSON.parse((await keys(['list', '--json'])).out) as { state: string }[];
    expect(json.map(({ state }) => state)).toEqual(['sealing', 'published']);
  });

  it('promotes and retires', async () => {
    await keys(['add']);
    time += 86_400_000;
    expect((await keys(['promote', '2'])).out).toContain('sealing');
    expect((await keys(['list'])).out).toMatch(/1 .* retiring [^]*2 .* sealing/);
    expect((await keys(['retire', '2'])).status).toBe(0);
    expect((await keys(['list'])).out).toMatch(/3 .* published/);
  });

  it('lists and revokes keys also where a row does not unwrap and no application starts', async () => {
    await keys(['add']);
    const lost = withSecret(OTHER);
    const failed = await keys(['add'], lost);
    expect(failed.status).toBe(78);
    expect(failed.err).toMatch(/the row of key 1 [^]* which is missing[^]*session-crypto keys revoke 1/);
    expect((await keys(['list'], lost)).out).toContain('sealing');
    expect((await keys(['revoke', '1'], lost)).out).toContain('revoked');
    expect((await keys(['revoke', '2'], lost)).status).toBe(0);
    expect((await keys(['add'], lost)).status).toBe(0);
    expect((await keys(['list'], lost)).out).toMatch(/1 .* revoked [^]*2 .* revoked [^]*3 .* sealing/);
  });

  it('seals sessions anew, and shows how far it is beside the result', async () => {
    const store = memoryStore();
    const { status, out, err } = await keys(['reseal', '--batch', '10'], { ...options, store });
    expect([status, out]).toEqual([0, '0 sessions sealed anew\n']);
    expect(err).toBe('');
  });

  it('draws a bar on a terminal, prints JSON beside it, and says after an interrupt how to go on', async () => {
    const store = memoryStore();
    const app = await ScriptApp.start({ ...options, store });
    for (let i = 0; i < 3; i++) await app.client().result((session) => session.set('n', i));
    const given = { ...options, store };
    const whole = await keys(['reseal', '--json', '--batch', '1'], given, { interactive: true });
    expect([whole.status, JSON.parse(whole.out)]).toEqual([0, { resealed: 0 }]);
    expect(whole.err).toMatch(/^\r\[#{10}\.{20}\] 1 of 3 sessions, 0 sealed anew, mark 0\./);
    expect(whole.err).toMatch(/\[#{30}\] 3 of 3 sessions, 0 sealed anew, mark 0\.[\w-]+\n$/);
    const interruption = () => AbortSignal.abort();
    const stopped = await keys(['reseal', '--batch', '1'], given, { interruption });
    expect([stopped.status, stopped.out]).toEqual([75, '0 sessions sealed anew\n']);
    const [, mark] =
      /^session-crypto: go on with --after (0\.[\w-]{43})\nsession-crypto: interrupted\n$/.exec(stopped.err)!;
    const rest = await keys(['reseal', '--after', mark!], given, { interactive: true });
    expect([rest.status, /\d+ of 3 sessions/.exec(rest.err)![0]]).toEqual([0, '2 of 3 sessions']);
  });

  it.each([
    [[], '1 sessions sealed anew\n'],
    [['--json'], '{\n  "resealed": 1\n}\n'],
  ])('prints what it has sealed anew before the store fails, by %j', async (args, printed) => {
    const store = memoryStore();
    const app = await ScriptApp.start({ crypto: { secrets: [OTHER] }, store });
    for (let i = 0; i < 3; i++) await app.client().result((session) => session.set('n', i));
    const scan = store.scan.bind(store);
    const pages = [scan, () => Promise.reject(new Error('password hunter2'))];
    store.scan = (...given) => pages.shift()!(...given);
    const given = { crypto: { secrets: [SECRET, OTHER] }, store };
    const { status, out, err } = await keys(['reseal', '--batch', '1', ...args], given);
    expect([status, out]).toEqual([69, printed]);
    expect(err).toMatch(/^session-crypto: go on with --after 0\.[\w-]{43}\nsession-crypto: the store failed/);
  });

  it.each([
    ['has no count', undefined],
    ['fails to count', () => Promise.reject(new Error('password hunter2'))],
  ])('seals anew without a total where a store of your own %s', async (_, count) => {
    const store = memoryStore();
    const app = await ScriptApp.start({ crypto: { secrets: [OTHER] }, store });
    for (let i = 0; i < 3; i++) await app.client().result((session) => session.set('n', i));
    const given = { crypto: { secrets: [SECRET, OTHER] }, store: Object.assign(store, { count }) };
    const { status, out, err } = await keys(['reseal', '--batch', '2'], given as never, {
      interactive: true,
    });
    expect([status, out]).toEqual([0, '3 sessions sealed anew\n']);
    expect(err).toMatch(
      /^\r2 sessions, 2 sealed anew, mark 0\.[\w-]+ *\r3 sessions, 3 sealed anew, mark 0\./,
    );
    expect(err).not.toContain('hunter2');
  });

  it('ends with 69 if the store is unavailable, and does not repeat its message', async () => {
    const store = Object.assign(memoryKeyStore(), {
      load: () => Promise.reject(Object.assign(new Error('password hunter2'), { code: 'ECONNREFUSED' })),
    });
    const ring = managedRing({ store });
    const { status, err } = await keys(['list'], { crypto: { secrets: [SECRET], ring } });
    expect([status, err]).toEqual([
      69,
      'session-crypto: the store failed in "open": nobody listens at its address (ECONNREFUSED); check that it runs, and that the options lead to it\n',
    ]);
  });

  it.each([
    [65, ['revoke', '9'], 'The ring has no key 9'],
    [64, ['revoke'], "missing required argument 'id'"],
    [64, ['revoke', 'first'], 'the key needs its number'],
    [64, ['list', '1'], 'too many arguments for'],
    [64, ['lsit'], `unknown command 'lsit'; is "list" meant? "session-crypto keys --help" says more`],
    [64, ['reseal', '--batch', 'many'], '--batch is no whole number from 1 to 10000'],
  ])('ends with %i for %j', async (expected, args, said) => {
    const { status, err } = await keys(args);
    expect(err).toContain(said);
    expect(status).toBe(expected);
  });

  it('ends with 78 for a ring that is not managed', async () => {
    const { status, err } = await keys(['list'], { crypto: { secrets: [SECRET] } });
    expect([status, err]).toEqual([78, expect.stringContaining('crypto.ring: is not managed')]);
  });
});
