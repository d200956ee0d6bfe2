import { describe, expect, it } from 'vitest';
import { managedRing, memoryKeyStore, memoryStore, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { fromExpressSession } from 'nestjs-session-crypto/migrate';
import { ScriptApp } from '../../support/script-app.js';
import { command, configOf, fileOf, OTHER, SECRET } from './cookie/support/cookie-cli.js';

const optionsOf = (...secrets: SessionCryptoOptions['crypto']['secrets'] & object): SessionCryptoOptions => ({
  crypto: { secrets },
});
const check = (options: SessionCryptoOptions, ...args: string[]) =>
  command(['keys', 'check', '--config', configOf(options), ...args]);

describe('session-crypto keys check', () => {
  it('says which sources load, and which key seals', async () => {
    const { status, out } = await check(optionsOf(SECRET, () => OTHER));
    expect(out).toMatch(/crypto\.secrets\[0\] {2}the options +1 secret\n/);
    expect(out).toMatch(/crypto\.secrets\[1\] {2}a program or a function +1 secret\n/);
    expect(out).toMatch(/crypto +1 +[0-9a-f]{8} +seals +not counted\n/);
    expect(out).toMatch(/crypto +2 +[0-9a-f]{8} +opens +not counted\n/);
    expect(out).toMatch(/fingerprint of the options: [0-9a-f]{8}\n/);
    expect(status).toBe(0);
  });

  it('names every source that fails, and shows nothing of an error', async () => {
    const leaky = () => {
      throw new Error(`cannot reach vault with ${OTHER}`);
    };
    const { status, out } = await check(optionsOf(SECRET, 'file:/nowhere/keys', leaky));
    expect(status).toBe(78);
    expect(out).toMatch(/wrong: crypto\.secrets\[1\]: /);
    expect(out).toMatch(/wrong: crypto\.secrets\[2\]: /);
    expect(out).not.toContain(OTHER);
  });

  it('computes when an old key can go', async () => {
    const rotated = optionsOf(SECRET, OTHER);
    const soon = await check(rotated, '--rotated', new Date().toISOString());
    expect(soon.out).toMatch(
      /the key [0-9a-f]{8} can go at 2.*, in (?:8 h|7 h 59 min); sessions are in cookies, which nobody can count/,
    );
    const long = await check(rotated, '--rotated', '2020-01-01');
    expect(long.out).toMatch(/the key [0-9a-f]{8} can go now/);
    const open = await check(rotated);
    expect(open.out).toMatch(/can go 8 h after the first key began to seal \(--rotated TIME computes it\)/);
    const wrong = await check(rotated, '--rotated', 'yesterday');
    expect([wrong.status, wrong.err]).toEqual([64, expect.stringContaining('--rotated is no time')]);
  });

  it('keeps an old key for converted sessions until their end, however long ago the first key began to seal', async () => {
    const day = 86_400_000;
    const until = new Date(Date.now() + 30 * day);
    const source = fromExpressSession({
      secret: 'a secret',
      store: { get() {}, destroy() {} } as never,
      until,
    });
    const options = {
      crypto: { secrets: [SECRET, OTHER], accept: [source] },
      store: memoryStore(),
    } as SessionCryptoOptions;
    const rotated = new Date(Date.now() - 10 * day).toISOString();
    const { out } = await check(options, '--no-rows', '--rotated', rotated);
    expect(out).toMatch(/the key [0-9a-f]{8} can go at .*, in (?:30 d|29 d 23 h);/);
  });

  it('compares with the options of another server', async () => {
    const other = configOf(optionsOf(OTHER, SECRET), 'other.options.mjs');
    const agreed = await check(optionsOf(SECRET, OTHER), '--with', other);
    expect(agreed.out).toMatch(/both open the same keys; [0-9a-f]{8} seals here and [0-9a-f]{8} there/);
    expect(agreed.status).toBe(0);
    const behind = await check(optionsOf(SECRET), '--with', other);
    expect(behind.out).toMatch(
      /wrong: crypto: the key [0-9a-f]{8} seals there and is not here, so every session that is sealed there is refused here/,
    );
    expect(behind.status).toBe(1);
  });

  it('compares with what it has printed on another server', async () => {
    const { out } = await check(optionsOf(SECRET, OTHER), '--json');
    const report = fileOf(out, 'report.json');
    expect((await check(optionsOf(SECRET, OTHER), '--with', report)).out).toContain('seal with the same one');
    const behind = await check({ crypto: { secrets: [SECRET], audience: 'b' } }, '--with', report);
    expect(behind.out).toMatch(/wrong: the options differ \([0-9a-f]{8} here, [0-9a-f]{8} there\)/);
    expect(behind.out).toMatch(/the key [0-9a-f]{8} opens there and is not here/);
    const none = await check(optionsOf(SECRET), '--with', fileOf('{"rings":[]}', 'none.json'));
    expect([none.status, none.err]).toEqual([65, expect.stringMatching(/none\.json is no report/)]);
    const missing = await check(optionsOf(SECRET), '--with', 'missing.json');
    expect([missing.status, missing.err]).toEqual([
      66,
      expect.stringContaining('missing.json cannot be read (ENOENT)'),
    ]);
  });

  it('counts the sessions of each key where a store of your own has no count', async () => {
    const store = memoryStore();
    const app = await ScriptApp.start({ ...optionsOf(SECRET), store });
    for (let i = 0; i < 2; i++) await app.client().result((session) => session.set('n', i));
    const countless = Object.assign(store, { count: undefined as never });
    const { status, out } = await check({ ...optionsOf(OTHER, SECRET), store: countless });
    expect(out).toMatch(/crypto +1 +[0-9a-f]{8} +seals +0\s/);
    expect(out).toMatch(/crypto +2 +[0-9a-f]{8} +opens +2 /);
    expect(status).toBe(0);
  });

  it('checks the keys also while the store is down', async () => {
    const refused = Object.assign(new Error('password hunter2'), { code: 'ECONNREFUSED' });
    const store = Object.assign(memoryStore(), { open: () => Promise.reject(refused) });
    const { out, status } = await check({ ...optionsOf(SECRET, OTHER), store });
    expect(out).toContain('the store does not answer (ECONNREFUSED), so stored sessions were not counted');
    expect(out).toMatch(/crypto +1 +[0-9a-f]{8} +seals +not counted/);
    expect(status).toBe(0);
  });

  it('leaves a managed ring to itself', async () => {
    const ring = managedRing({ store: memoryKeyStore() });
    const options = { crypto: { secrets: [SECRET], ring } };
    await command(['keys', 'add', '--config', configOf(options)]);
    const { out, status } = await check(options);
    expect(out).toContain('the ring is managed, and drops its keys itself');
    expect(status).toBe(0);
  });
});
