import { chmodSync, existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cookieStore, memoryRevocation, memoryStore } from 'nestjs-session-crypto';
import { fileStore } from 'nestjs-session-crypto/php';
import { temporaryFolder } from '../../support/cleanup.js';
import { command } from '../../support/command.js';
import { sessionCommandStories } from '../../support/session-commands.js';

/** A folder for sessions. */
async function sessionFolder(): Promise<string> {
  const path = join(await temporaryFolder(), 'sessions');
  mkdirSync(path, { mode: 0o700 });
  return path;
}

describe('session-crypto sessions, over files', () => {
  sessionCommandStories(async () => {
    const path = await sessionFolder();
    return () => fileStore({ path });
  });

  it.runIf(process.getuid?.() !== 0)('ends with 77 for a folder that cannot be written', async () => {
    const path = await sessionFolder();
    chmodSync(path, 0o500);
    const { status, err } = await command(['sessions', 'prune'], { store: fileStore({ path }) });
    chmodSync(path, 0o700);
    expect([status, err]).toEqual([
      77,
      expect.stringMatching(/^session-crypto: store\.path: .* cannot be written to \(EACCES\); /),
    ]);
  });

  it('ends with 78 for a folder that is not there, and makes none', async () => {
    const path = join(await temporaryFolder(), 'nowhere');
    const { status, err } = await command(['sessions', 'count'], { store: fileStore({ path }) });
    expect([status, err]).toEqual([78, expect.stringContaining('does not exist; run: install -d -m 700')]);
    expect(existsSync(path)).toBe(false);
  });
});

describe('session-crypto sessions, over the files of PHP', () => {
  const shared = (path: string) =>
    fileStore({ path, sharedUnsealed: { serializer: 'php', subjectKey: 'user' } });

  it('removes what has expired, and says what files of PHP cannot do', async () => {
    const path = await sessionFolder();
    for (const [name, age] of [
      ['old', 3000],
      ['new', 0],
    ] as const) {
      const file = join(path, `sess_${name.padEnd(32, '0')}`);
      writeFileSync(file, 'user|s:3:"ada";', { mode: 0o600 });
      const time = Date.now() / 1000 - age;
      utimesSync(file, time, time);
    }
    const options = { cookie: { name: 'PHPSESSID' }, store: shared(path) };
    expect(await command(['sessions', 'prune'], options)).toEqual({
      status: 0,
      out: '1 sessions removed\n',
      err: '',
    });
    expect(readdirSync(path)).toEqual([`sess_${'new'.padEnd(32, '0')}`]);
    for (const args of [['list', 'ada'], ['count'], ['revoke-subject', 'ada']]) {
      const { status, out, err } = await command(['sessions', ...args], { ...options, store: shared(path) });
      expect([status, out, err]).toEqual([
        78,
        '',
        expect.stringMatching(/^session-crypto: The store ".+" cannot .+: another program shares it; .+\n$/),
      ]);
    }
  });
});

describe('session-crypto sessions, over a memory that two share', () => {
  sessionCommandStories(async () => {
    const store = memoryStore();
    return () => Object.assign(Object.create(store) as typeof store, { open() {}, close() {} });
  });
});

describe('session-crypto sessions, with an id that begins with a hyphen', () => {
  const row = `-${'A'.repeat(42)}`;
  const sealed = `--${'A'.repeat(20)}`;
  const none = 'this id';
  it.each([
    [['show', row], none],
    [['show', row, '--json'], none],
    [['revoke', row], none],
    [['revoke', '--json', row, '--subject', row], ''],
    [['revoke', '--subject', row, row], none],
    [['revoke', '--subject=ada', sealed], none],
    [['revoke-subject', 'ada', '--except', row], ''],
  ])('takes it as an id in %j', async (args, said) => {
    const { status, err } = await command(['sessions', ...args], { store: memoryStore() });
    expect([status, err]).toEqual([1, expect.stringContaining(said)]);
  });

  it('still refuses an option that it does not know', async () => {
    const { status, err } = await command(['sessions', 'revoke', row, '--jsno'], { store: memoryStore() });
    expect([status, err]).toEqual([64, expect.stringContaining("unknown option '--jsno'")]);
  });
});

describe('session-crypto sessions, where sessions are in cookies', () => {
  it.each([
    ['list', ['list', 'ada'], 'cannot list sessions'],
    ['show', ['show', 'A'.repeat(43)], 'opens no session by its id'],
    ['revoke', ['revoke', 'A'.repeat(43)], 'cannot end a session'],
    ['count', ['count'], 'cannot count sessions'],
    ['prune', ['prune'], 'cannot prune'],
  ])('ends with 78 for %s, and says why', async (_, args, said) => {
    const { status, out, err } = await command(['sessions', ...args], { store: cookieStore() });
    expect([status, out, err]).toEqual([78, '', expect.stringContaining(said)]);
  });

  it.each([[['--subject', 'ada']], [[]]])(
    'ends one session where ends are remembered (%j), and says that nobody knows whether it was there',
    async (flags) => {
      const end = (...more: string[]) => {
        const store = cookieStore({ revocation: memoryRevocation() });
        return command(['sessions', 'revoke', 'A'.repeat(22), ...flags, ...more], { store });
      };
      const { status, out, err } = await end();
      expect([status, out, err]).toEqual([
        0,
        expect.stringContaining('nobody knows which cookies there are'),
        '',
      ]);
      expect(JSON.parse((await end('--json')).out)).toEqual({ ended: 0, inCookies: true });
    },
  );

  it('ends the sessions of a subject where ends are remembered, and says that nobody knows their number', async () => {
    const store = cookieStore({ revocation: memoryRevocation() });
    const { status, err } = await command(['sessions', 'revoke-subject', 'ada'], { store });
    expect([status, err]).toEqual([0, expect.stringContaining('nobody knows their number')]);
  });
});
