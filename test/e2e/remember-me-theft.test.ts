import { describe, expect, it, vi } from 'vitest';
import { cookieStore, memoryStore } from 'nestjs-session-crypto';
import { rememberPlaces } from './support/remember-places.js';
import { ADAPTER_NAMES, rememberLines, subjectOf } from './support/remember-app.js';

const { start, everywhere } = rememberPlaces();

describe.each(everywhere)('a stolen token on $adapter, series in $place', ({ adapter, setup }) => {
  it('ends everything of its subject once the owner and the thief have used it', async () => {
    const app = await start(adapter, setup());
    const owner = await app.returning();
    const elsewhere = await app.remembered();
    const thief = owner.copy();
    expect(await subjectOf(thief)).toBe('ada');
    app.ahead = 61;
    const alarm = await owner.get('/who');
    expect([alarm.body, rememberLines(alarm)]).toEqual([
      { subject: null },
      [expect.stringMatching(/^remember=; Max-Age=0/)],
    ]);
    expect(app.seen('rememberTheft')).toEqual([
      { session: 'default', series: expect.any(String), subject: 'ada', sessions: 3 },
    ]);
    for (const client of [thief, owner, elsewhere]) {
      expect(await subjectOf(client)).toBeNull();
      client.jar.delete('sid');
      expect(await subjectOf(client)).toBeNull();
    }
    expect(await app.rememberMe.list('ada')).toEqual([]);
    expect(app.seen('rememberTheft')).toHaveLength(1);
  });

  it("ends only its series with onTheft: 'event'", async () => {
    const app = await start(adapter, setup({ onTheft: 'event' }));
    const owner = await app.returning();
    const elsewhere = await app.remembered();
    await owner.copy().get('/who');
    app.ahead = 61;
    expect(await subjectOf(owner)).toBeNull();
    expect(app.seen('rememberTheft')).toMatchObject([{ sessions: undefined }]);
    expect(await subjectOf(elsewhere)).toBe('ada');
    expect(await app.rememberMe.list('ada')).toHaveLength(1);
  });
});

describe.each(ADAPTER_NAMES)('a theft on %s', (adapter) => {
  it('ends no sessions that are in cookies', async () => {
    const session = { store: cookieStore({ acceptReplay: true }) };
    const app = await start(adapter, { session, remember: { store: memoryStore() } });
    const owner = await app.returning();
    expect(await subjectOf(owner.copy())).toBe('ada');
    app.ahead = 61;
    expect(await subjectOf(owner)).toBeNull();
    expect(app.seen('rememberTheft')).toMatchObject([{ sessions: undefined }]);
  });

  it('is reported once, however many requests bring the copy together', async () => {
    const store = memoryStore();
    const app = await start(adapter, { remember: { store } });
    const owner = await app.returning();
    await owner.copy().get('/who');
    app.ahead = 61;
    const late = Array.from({ length: 10 }, () => owner.copy());
    const { load, destroy } = { load: store.load.bind(store), destroy: store.destroy.bind(store) };
    let all: () => void;
    const allHaveLooked = new Promise<void>((resolve) => (all = resolve));
    let looked = 0;
    vi.spyOn(store, 'load').mockImplementation(async (key) => {
      if (++looked === late.length) all();
      return load(key);
    });
    vi.spyOn(store, 'destroy').mockImplementation(async (...args) => {
      await allHaveLooked;
      return destroy(...args);
    });
    const subjects = await Promise.all(late.map((one) => subjectOf(one)));
    expect(subjects).toEqual(subjects.map(() => null));
    expect(app.seen('rememberTheft')).toHaveLength(1);
  });
});
