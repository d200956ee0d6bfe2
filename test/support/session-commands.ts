import { expect, it } from 'vitest';
import { command, RunningCommand } from './command.js';
import { ScriptApp, type Client } from './script-app.js';
import type { SessionPlan } from './test-app.js';

type Store = NonNullable<SessionPlan['store']>;

/** A place of sessions: each call gives a store of its own, as each process has one. Calls in one test give the same place. */
export type CommandPlace = () => Promise<() => Store>;

/** A text that a terminal would execute, and one that nobody may see. */
const ESCAPE = '\u001b]0;owned\u0007\u009b31m';
const VALUE = 'a value of the session';

/** An application with sessions in a place, and the commands over it. */
class Stage {
  private constructor(
    private readonly store: () => Store,
    readonly app: ScriptApp,
  ) {}

  static async open(place: CommandPlace): Promise<Stage> {
    const store = await place();
    const app = await ScriptApp.start({ store: store(), prune: { interval: 0 } });
    await app.sessions.revokeAll(); // of other stories in this place
    return new Stage(store, app);
  }

  /** A browser that has logged in, with the id of its session. */
  async login(subject: string): Promise<{ client: Client; id: string }> {
    const client = this.app.client();
    await client.result(async (session) => {
      await session.login(subject);
      session.set('cart', VALUE);
    });
    return { client, id: (await client.result((session) => session.id)) as string };
  }

  /** Runs `sessions …` with a store of its own. No command may show a value that was not asked for. */
  async sessions(...args: string[]) {
    const end = await command(['sessions', ...args], { store: this.store() });
    if (!args.includes('--show-data')) expect(end.out + end.err).not.toContain(VALUE);
    return end;
  }

  watch(...args: string[]): RunningCommand {
    return new RunningCommand(['sessions', 'watch', '--interval', '0.02', ...args], { store: this.store() });
  }
}

const subjectOf = (client: Client) => client.result((session) => session.subject ?? null);

/** Registers the stories of `session-crypto sessions` over a place. */
export function sessionCommandStories(place: CommandPlace): void {
  it('lists the sessions of a subject, as a table and as JSON, and ends with 1 if there is none', async () => {
    const stage = await Stage.open(place);
    const { id } = await stage.login('ada');
    await stage.login(`eve${ESCAPE}`);
    const table = await stage.sessions('list', 'ada');
    expect([table.status, table.err]).toEqual([0, '']);
    expect(table.out).toMatch(
      new RegExp(`^id +began +last seen +device\\n${id}  \\d{4}-.*Z  .*Z  unknown\\n$`),
    );
    const json = await stage.sessions('list', 'ada', '--json');
    expect(JSON.parse(json.out)).toEqual([expect.objectContaining({ id })]);
    const none = await stage.sessions('list', `bob${ESCAPE}`);
    expect([none.status, none.out]).toEqual([1, '']);
    expect(none.err).toBe('session-crypto: "bob?]0;owned??31m" has no live session\n');
  });

  it('shows one session with its clocks and keys, and its values only if asked', async () => {
    const stage = await Stage.open(place);
    const { client, id } = await stage.login(`eve${ESCAPE}`);
    await client.result((session) => session.set(`key${ESCAPE}`, 1));
    const shown = await stage.sessions('show', id);
    expect([shown.status, shown.err]).toEqual([0, '']);
    expect(shown.out).toContain(`id         ${id}\n`);
    expect(shown.out).toContain('subject    eve?]0;owned??31m\n');
    expect(shown.out).toMatch(/\nends +\S+ \S+Z, in 2[34] min( \d+ s)?, unless it is used before\n/);
    expect(shown.out).toMatch(/\nholds +2 keys, \d+ bytes: cart, key\?\]0;owned\?\?31m\n$/);
    const json = await stage.sessions('show', id, '--json', '--show-data');
    expect(json.out).not.toMatch(/[^\P{C}\n]/u);
    expect(JSON.parse(json.out)).toMatchObject({ id, data: { cart: VALUE, [`key${ESCAPE}`]: 1 } });
    const none = await stage.sessions('show', 'A'.repeat(43));
    expect([none.status, none.err]).toEqual([1, expect.stringContaining('No live session has this id')]);
    expect((await stage.sessions('show', 'no id')).status).toBe(64);
  });

  it('ends one session, and says if there is none or it is of somebody else', async () => {
    const stage = await Stage.open(place);
    const [{ client, id }, other] = [await stage.login('ada'), await stage.login('ada')];
    const foreign = await stage.sessions('revoke', id, '--subject', 'bob');
    expect([foreign.status, foreign.err]).toEqual([1, expect.stringContaining('nothing was changed')]);
    expect(await subjectOf(client)).toBe('ada');
    expect(await stage.sessions('revoke', id)).toEqual({ status: 0, out: '1 session ended\n', err: '' });
    expect([await subjectOf(client), await subjectOf(other.client)]).toEqual([null, 'ada']);
    expect((await stage.sessions('revoke', id, '--json')).out).toBe(
      '{\n  "ended": 0,\n  "inCookies": false\n}\n',
    );
  });

  it('ends all sessions of a subject but one', async () => {
    const stage = await Stage.open(place);
    const logins = [await stage.login('ada'), await stage.login('ada'), await stage.login('bob')];
    const ended = await stage.sessions('revoke-subject', 'ada', '--except', logins[1]!.id);
    expect([ended.status, ended.out]).toEqual([0, '1 sessions ended\n']);
    const subjects = [];
    for (const { client } of logins) subjects.push(await subjectOf(client));
    expect(subjects).toEqual([null, 'ada', 'bob']);
    const json = await stage.sessions('revoke-subject', 'nobody', '--json');
    expect([json.status, JSON.parse(json.out)]).toEqual([
      1,
      { ended: 0, series: null, inCookies: false, failed: [] },
    ]);
    expect(json.err).toContain('a file of options says nothing of remember-me');
  });

  it('counts what lives', async () => {
    const stage = await Stage.open(place);
    const before = Number((await stage.sessions('count')).out);
    await stage.login('ada');
    await stage.login('bob');
    expect(await stage.sessions('count')).toEqual({ status: 0, out: `${before + 2}\n`, err: '' });
    expect(JSON.parse((await stage.sessions('count', '--estimate', '--json')).out)).toEqual({
      count: before + 2,
      estimate: true,
    });
  });

  it('prints what changes in the store until it is interrupted', async () => {
    const stage = await Stage.open(place);
    await stage.login('ada');
    const watching = stage.watch();
    await watching.says(/Z {2}\d+ sessions\n/);
    await stage.login('ada');
    await watching.says(/Z {2}\d+ sessions \(\+1\)\n/);
    expect(await watching.interrupt()).toMatchObject({ status: 0, err: '' });
  });

  it('prints each session of a subject that begins or ends, one JSON object a line', async () => {
    const stage = await Stage.open(place);
    const first = await stage.login('ada');
    const watching = stage.watch('--subject', 'ada', '--json');
    await watching.says(new RegExp(`"kind":"began","id":"${first.id}"`));
    await first.client.result((session) => session.logout());
    await watching.says(/"kind":"ended"/);
    const { status, out } = await watching.interrupt();
    const changes = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind: string; id: string });
    expect([status, changes.map(({ kind, id }) => [kind, id])]).toEqual([
      0,
      [
        ['began', first.id],
        ['ended', first.id],
      ],
    ]);
  });
}
