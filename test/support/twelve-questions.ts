import { expect, it } from 'vitest';
import type { SessionCryptoOptions } from 'nestjs-session-crypto';
import {
  atPlace,
  command,
  configOf,
  explained,
  make,
  OTHER,
  SECRET,
} from '../unit/cli/cookie/support/cookie-cli.js';
import type { CommandPlace } from './session-commands.js';
import { ScriptApp } from './script-app.js';

type Options = SessionCryptoOptions;

/** The questions of docs/operations.md, in the order of its table. */
export const QUESTIONS = [
  'Why is this cookie refused?',
  'Who is logged in as this user?',
  'Did the new key reach every process?',
  'Is it us or the database?',
  'Which sessions did this deploy end?',
  'Is a cookie being replayed?',
  'When can the old key go?',
  'How full is the table?',
  'Which process is behind?',
  'How long until this session ends?',
  'Is the proxy trusted?',
  'Does this cookie come from another cookie name?',
] as const;

type Question = (typeof QUESTIONS)[number];

const keys = (...secrets: string[]): Pick<Options, 'crypto'> => ({ crypto: { secrets } });
const run = (options: Options, ...args: string[]) => command([...args, '--config', configOf(options)]);

/** Asks each of the twelve questions over a place of sessions. `away` gives a store of the same kind that does not answer. */
export function twelveQuestions(place: CommandPlace, away: () => Options['store']): void {
  const ask = (question: Question, story: (options: Options) => Promise<void>) =>
    it(question, async () => {
      const store = await place();
      const options = { ...keys(SECRET), store: store(), prune: { interval: 0 } };
      const app = await ScriptApp.start({ ...options, store: store() });
      await app.sessions.revokeAll(); // of other stories in this place
      await story(options);
    });
  const login = async (options: Options, subject: string) => {
    const client = (await ScriptApp.start(options)).client();
    await client.result((session) => session.login(subject));
    return { client, id: (await client.result((session) => session.id)) as string };
  };

  ask('Why is this cookie refused?', async (options) => {
    const { header } = await make(options, { subject: 'ada' });
    const { first, status } = await explained({ ...options, ...keys(OTHER) }, header);
    expect([status, first.verdict, first.reason]).toEqual([65, 'refused', 'unknown-key']);
    expect(first.why).toMatch(/[0-9a-f]{8}/);
  });

  ask('Who is logged in as this user?', async (options) => {
    const { id } = await login(options, 'ada');
    const { status, out } = await run(options, 'sessions', 'list', 'ada');
    expect([status, out.includes(id)]).toEqual([0, true]);
  });

  ask('Did the new key reach every process?', async (options) => {
    const there = configOf({ ...options, ...keys(SECRET, OTHER) }, 'there.options.mjs');
    const { status, out } = await run(
      { ...options, ...keys(SECRET, OTHER) },
      'keys',
      'check',
      '--with',
      there,
    );
    expect([status, out]).toEqual([0, expect.stringContaining('both have the same keys')]);
  });

  ask('Is it us or the database?', async (options) => {
    const up = await run(options, 'doctor', '--health', '--json');
    expect(up.out).toMatch(/health\.store[^}]*answers in/);
    const down = await run({ ...options, store: away()! }, 'doctor', '--health', '--json');
    expect(down.out).toMatch(/"health"[^}]*does not start/);
  });

  ask('Which sessions did this deploy end?', async (options) => {
    const { client } = await login(options, 'ada');
    const deployed = await ScriptApp.start({ ...options, ...keys(OTHER) });
    await client.copy(deployed.url).result((session) => session.subject ?? null);
    const said = /named by the hint ([0-9a-f]{8}) \(1\), so their users are logged out/;
    const hint = deployed.complaints.flatMap((line) => said.exec(line)?.[1] ?? [])[0];
    expect(hint).toBeDefined();
    const { status, out } = await run({ ...options, ...keys(OTHER) }, 'keys', 'check');
    expect([status, out]).toEqual([
      1,
      expect.stringMatching(new RegExp(`sealed by the key ${hint}, which is in no ring`)),
    ]);
  });

  ask('Is a cookie being replayed?', async (options) => {
    const { header, entry } = await make(options, { subject: 'ada' });
    await atPlace(options, async ({ endpoint: { repository } }) =>
      repository.move(entry, repository.identity(entry.record), entry.record, 'periodic'),
    );
    const { first, status } = await explained({ ...options, session: { graceTime: 0 } }, header);
    expect([status, first.reason]).toEqual([1, 'replayed']);
  });

  ask('When can the old key go?', async (options) => {
    const rotated = ['--rotated', '2020-01-01'];
    const { out } = await run({ ...options, ...keys(SECRET, OTHER) }, 'keys', 'check', ...rotated);
    expect(out).toMatch(/the key [0-9a-f]{8} can go now/);
  });

  ask('How full is the table?', async (options) => {
    for (const subject of ['ada', 'bob']) await login(options, subject);
    expect(await run(options, 'sessions', 'count')).toMatchObject({ status: 0, out: '2\n' });
  });

  ask('Which process is behind?', async (options) => {
    const there = configOf({ ...options, ...keys(OTHER, SECRET) }, 'ahead.options.mjs');
    const { status, out } = await run(options, 'keys', 'check', '--with', there);
    expect([status, out]).toEqual([
      1,
      expect.stringMatching(/the key [0-9a-f]{8} seals there and is not here/),
    ]);
  });

  ask('How long until this session ends?', async (options) => {
    const { id } = await login(options, 'ada');
    const { status, out } = await run(options, 'sessions', 'show', id);
    expect([status, out]).toEqual([0, expect.stringMatching(/\nends +\S+ \S+Z, in 2[34] min/)]);
  });

  ask('Is the proxy trusted?', async (options) => {
    const app = await ScriptApp.start(options);
    const headers = { 'x-forwarded-for': '192.0.2.7', 'x-forwarded-proto': 'https' };
    await app.client().run((session) => session.isNew, { headers });
    const lines = app.complaints.filter((line) => line.includes('the platform does not trust that proxy'));
    expect(lines).toEqual([expect.stringContaining("app.set('trust proxy', …)")]);
  });

  ask('Does this cookie come from another cookie name?', async (options) => {
    const { value } = await make(options, { subject: 'ada' });
    const { first } = await explained(
      { ...options, cookie: { name: 'other' } },
      `other=${value}`,
      '--name',
      '__Host-sid',
    );
    expect([first.reason, first.why]).toEqual(['context', expect.stringContaining('__Host-sid')]);
  });
}
