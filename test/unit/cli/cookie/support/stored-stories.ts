import { expect, it } from 'vitest';
import type { SessionCryptoOptions } from 'nestjs-session-crypto';
import { SESSION_ID_LENGTH } from '../../../../../lib/envelope/frame.js';
import { atPlace, command, configOf, explain, explained, make, OTHER, SECRET } from './cookie-cli.js';

type Options = Partial<SessionCryptoOptions>;

/** What the command line says of sessions in a store on the server. `store` returns the options of one store, again and again. */
export function storedStories(kind: string, store: () => Options | Promise<Options>): void {
  const optionsOf = async (others: Options = {}): Promise<SessionCryptoOptions> => ({
    crypto: { secrets: [SECRET], audience: 'shop.example' },
    ...(await store()),
    ...others,
  });

  it(`explains a session in ${kind}, and shows nothing of it`, async () => {
    const options = await optionsOf();
    const { header, value } = await make(options, { subject: 'alice' });
    const { out, status } = await explain(options, `${header}; other=1`);
    expect(status).toBe(0);
    expect(out).toMatch(/^__Host-sid {2}accepted\nwhy .*a request with this cookie has a session\n/);
    expect(out).toMatch(/key +[0-9a-f]{8}, 1 of 1, seals\n/);
    expect(out).toMatch(
      new RegExp(`sealed for +${kind}, cookie __Host-sid, audience shop.example, the base options\n`),
    );
    expect(out).toMatch(/row +live [\w-]{43}, version 1, sealed by [0-9a-f]{8}, kept until 2/);
    expect(out).toMatch(/ends +in (?:24 min|23 min 5\d s), by the idle timeout, at 2/);
    expect(out).toMatch(/1 other cookie was not looked at\n$/);
    for (const secret of ['alice', 'a secret value', value]) expect(out).not.toContain(secret);
    const shown = await explain(options, value, '--show-data');
    expect(shown.out).toContain('a secret value');
    expect(shown.out).toContain('alice');
  });

  it('says that a row is absent, that a session was ended, and that its time is over', async () => {
    const options = await optionsOf();
    const [ended, expired] = [await make(options), await make(options, { idle: 1441 })];
    await atPlace(options, async ({ endpoint }) => endpoint.repository.end(ended.entry));
    expect((await explained(options, ended.header)).first).toMatchObject({
      verdict: 'ended',
      reason: 'tombstone',
      row: { state: 'ended' },
    });
    const { first, status } = await explained(options, expired.header);
    expect(status).toBe(1);
    expect(first).toMatchObject({ verdict: 'ended', reason: 'expired' });
    expect(first.why).toMatch(/^the session ended \d+ s ago by its idle timeout, at /);
    const absent = await atPlace(options, async ({ endpoint: { repository } }) =>
      repository.cookieValue({ ...ended.entry, ...repository.identity(ended.entry.record) }),
    );
    expect((await explained(options, absent)).first).toMatchObject({
      reason: 'absent',
      row: { state: 'absent' },
    });
  });

  it('follows an id that was renewed, and calls it a replay after the grace time', async () => {
    const options = await optionsOf();
    const { header, entry } = await make(options, { subject: 'alice' });
    const moved = await atPlace(options, async ({ endpoint: { repository } }) =>
      repository.move(entry, repository.identity(entry.record), entry.record, 'periodic'),
    );
    const successor = { id: moved!.key.toString('base64url'), state: 'live', version: 1 };
    expect((await explained(options, header)).first).toMatchObject({
      verdict: 'accepted',
      reason: 'moved',
      row: { state: 'moved', moved: 'periodic', successor },
      session: { id: successor.id, loggedIn: true, endedBy: 'idle timeout' },
    });
    const strict = await optionsOf({ session: { graceTime: 0 } });
    const replayed = await explained(strict, header);
    expect(replayed.first).toMatchObject({ verdict: 'ended', reason: 'replayed', row: { successor } });
    expect(replayed.first.why).toMatch(
      /an old id of a session that was renewed, and its grace time was over .* somebody has kept it/,
    );
    expect(replayed.status).toBe(1);
  });

  it('names a login and a regenerate() as the end of an id', async () => {
    const options = await optionsOf();
    const [visitor, asked] = [await make(options), await make(options, { subject: 'bob' })];
    await atPlace(options, async ({ endpoint: { repository } }) => {
      const after = { ...visitor.entry.record, subject: 'carol' };
      await repository.move(visitor.entry, repository.identity(after), after, 'login');
      await repository.move(
        asked.entry,
        repository.identity(asked.entry.record),
        asked.entry.record,
        'asked',
      );
    });
    expect((await explained(options, visitor.header)).first.why).toContain('ended by a login');
    expect((await explained(options, asked.header)).first.why).toContain('renewed the id (regenerate)');
  });

  it('names the key of a row that the ring has lost', async () => {
    const both = await optionsOf({ crypto: { secrets: [SECRET, OTHER], audience: 'shop.example' } });
    const { entry } = await make(await optionsOf({ crypto: { secrets: [OTHER], audience: 'shop.example' } }));
    const retagged = await atPlace(both, async ({ endpoint }) => endpoint.repository.cookieValue(entry));
    const { first, status } = await explained(await optionsOf(), retagged);
    expect(first).toMatchObject({ verdict: 'refused', reason: 'row-unknown-key' });
    expect(first.why).toMatch(/its row was sealed by the key [0-9a-f]{8}, which is not in the ring$/);
    expect(status).toBe(65);
  });

  it('opens a session as JSON, and makes one only if asked to', async () => {
    const options = await optionsOf();
    const config = configOf(options);
    const sealed = await command(
      ['cookie', 'seal', '--create', '--config', config],
      '{"subject":"42","data":{"cart":[1,"two"]}}',
    );
    expect(sealed.out).toMatch(
      /^__Host-sid=[\w-]{71}; Path=\/; Secure; HttpOnly; SameSite=Lax; Priority=High\n$/,
    );
    const opened = await command(['cookie', 'open', '--config', config], sealed.out);
    expect(JSON.parse(opened.out)).toMatchObject({
      loggedIn: true,
      subject: '42',
      data: { cart: [1, 'two'] },
    });
    const refused = await command(['cookie', 'seal', '--config', config], '{"subject":"42"}');
    expect(refused.status).toBe(64);
    expect(refused.err).toContain(`the store "${kind}" keeps sessions on the server`);
    expect(refused.err).toContain('--create');
  });

  it('counts the sessions of each key, and names the keys that are missing', async () => {
    const old = await optionsOf({ crypto: { secrets: [OTHER], audience: 'shop.example' } });
    await make(old, { subject: 'dora' });
    const rotated = await optionsOf({ crypto: { secrets: [SECRET, OTHER], audience: 'shop.example' } });
    const check = async (options: SessionCryptoOptions, ...args: string[]) =>
      command(['keys', 'check', '--config', configOf(options), ...args]);
    const json = JSON.parse((await check(rotated, '--json')).out) as {
      rings: { keys: { rows: number; seals: boolean; lastEnd: string }[] }[];
    };
    const [, second] = json.rings[0]!.keys;
    expect(second!.rows).toBeGreaterThan(0);
    expect(new Date(second!.lastEnd).getTime()).toBeGreaterThan(Date.now());
    const dropped = await check(await optionsOf());
    expect(dropped.status).toBe(1);
    expect(dropped.out).toMatch(
      /wrong: \d+ stored sessions? (?:is|are) sealed by the key [0-9a-f]{8}, which is in no ring, so their users are logged out/,
    );
  });

  it('measures the store by a session that ends', async () => {
    const options = await optionsOf();
    const { out, status } = await command([
      'bench',
      '--seconds',
      '1',
      '--json',
      '--config',
      configOf(options),
    ]);
    expect(status).toBe(0);
    const { rows } = JSON.parse(out) as { rows: { of: string; operation: string; median?: number }[] };
    const ours = rows.filter(({ of }) => of === `store ${kind}`);
    expect(ours.map(({ operation }) => operation)).toEqual(['load', 'save']);
    for (const { median } of ours) expect(median).toBeGreaterThan(0);
  });

  it('has ids that no cookie can carry', async () => {
    const options = await optionsOf();
    const { entry, value } = await make(options);
    const id = entry.key.toString('base64url');
    expect(entry.key.length).not.toBe(SESSION_ID_LENGTH);
    expect(value).not.toContain(id);
    expect((await explained(options, id)).first.why).toBe(
      'this is the id of a session (Session.id), which opens nothing',
    );
  });
}
