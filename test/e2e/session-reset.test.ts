import { Controller, Get, Post, UseGuards } from '@nestjs/common';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  cookieStore,
  CsrfToken,
  CurrentSession,
  memoryStore,
  ReadonlySession,
  SessionCsrfGuard,
  type Session,
  type SessionStateError,
} from 'nestjs-session-crypto';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { everyPlace } from '../support/places.js';
import { ScriptApp, type Client, type Script } from '../support/script-app.js';
import { startApp, type TestApp } from '../support/test-app.js';
import { holdNext } from './support/hold.js';

const places = everyPlace();
const combinations = ADAPTER_NAMES.flatMap((adapter) =>
  places.map((place) => [adapter, place.name, place] as const),
);

const seen: Script = (session) => [session.id, session.subject ?? null, session.all()];

describe.each(combinations)('session.reset() on %s with the %s store', (adapter, _, place) => {
  let app: ScriptApp;
  let client: Client;

  beforeEach(async () => {
    app = await ScriptApp.start(await place.options(), adapter);
    client = app.client();
  });

  it('takes back values, flash values and the removal of those that were read once', async () => {
    await client.run((session) => {
      session.set('a', 'kept');
      session.set('b', 'kept');
      session.flash('note', 'hello');
    });
    const { body, cookies } = await client.run((session) => {
      session.set('a', 'changed');
      session.delete('b');
      session.set('c', 'new');
      const notes = [session.pull('a'), session.flash('note')];
      session.clear();
      session.flash('later', 'x');
      session.reset();
      return [notes, session.all(), session.has('c')];
    });
    expect(body).toEqual({ result: [['changed', 'hello'], { a: 'kept', b: 'kept' }, false] });
    expect(cookies).toEqual([]);
    const kept = (session: Session<Record<string, unknown>>) => [
      session.all(),
      session.flash('note'),
      session.flash('later') ?? null,
    ];
    expect(await client.result(kept)).toEqual([{ a: 'kept', b: 'kept' }, 'hello', null]);
  });

  it('leaves a new session new: nothing is stored, and no cookie is set', async () => {
    const { body, cookies } = await client.run((session) => {
      session.set('a', 'x');
      session.reset();
      return [session.isNew, session.all()];
    });
    expect([body, cookies, app.seen()]).toEqual([{ result: [true, {}] }, [], []]);
  });

  it('takes back the login of a visitor, whose cookie and id stay', async () => {
    await client.run((session) => session.set('a', 'cart'));
    const [id] = (await client.result(seen)) as string[];
    const { body, cookies } = await client.run(async (session) => {
      await session.login('ada');
      session.set('a', 'hers');
      session.reset();
      return [session.id, session.subject ?? null, session.authenticatedAt ?? null];
    });
    expect([body, cookies]).toEqual([{ result: [id, null, null] }, []]);
    expect(await client.result(seen)).toEqual([id, null, { a: 'cart' }]);
  });

  it('takes back a login that has no session yet, and takes the next one', async () => {
    const { cookies } = await client.run(async (session) => {
      await session.login('ada');
      session.reset();
      return session.subject ?? null;
    });
    expect([cookies, app.seen()]).toEqual([[], []]);
    const id = await client.result(async (session) => {
      await session.login('ada');
      const never = session.id;
      session.reset();
      session.set('a', 'x');
      return never === session.id ? 'the id of the login' : session.id;
    });
    expect(await client.result(seen)).toEqual([id, null, { a: 'x' }]);
    client.jar.clear();
    await client.run(async (session) => {
      await session.login('eve');
      session.set('secret', 'of eve');
      session.reset();
      await session.login('bob');
      return session.id;
    });
    expect(await client.result(seen)).toEqual([expect.any(String), 'bob', {}]);
  });

  it('takes back regenerate(), and the values that it has dropped', async () => {
    await client.run(async (session) => {
      await session.login('ada');
      session.set('a', 'kept');
    });
    const before = await client.result(seen);
    const { cookies } = await client.run(async (session) => {
      await session.regenerate({ keep: [] });
      session.reset();
    });
    expect(cookies).toEqual([]);
    expect(await client.result(seen)).toEqual(before);
  });

  it('keeps what was saved before', async () => {
    await client.run(async (session) => {
      session.set('a', 'saved');
      await session.save();
      session.set('a', 'changed');
      session.set('b', 'x');
      session.reset();
      return session.all();
    });
    expect(await client.result((session) => session.all())).toEqual({ a: 'saved' });
  });

  it.each(['logout', 'destroy'] as const)('does not take back %s()', async (end) => {
    await client.run(async (session) => {
      await session.login('ada');
      session.set('a', 'hers');
    });
    const copy = client.copy();
    const left = await client.result(async (session) => {
      await session[end]();
      if (end === 'logout') session.set('note', 'bye');
      session.reset();
      return [session.subject ?? null, session.all()];
    });
    expect(left).toEqual([null, {}]);
    expect(await client.result((session) => [session.subject ?? null, session.all()])).toEqual([null, {}]);
    const isEnded = await copy.result((session) => session.subject === undefined);
    expect(isEnded).toBe(place.onServer);
  });

  it('ends the session that a logout has left, also where a login followed', async () => {
    await client.run((session) => session.login('ada'));
    const copy = client.copy();
    await client.run(async (session) => {
      await session.logout();
      await session.login('eve');
      session.reset();
    });
    expect(await client.result((session) => session.subject ?? null)).toBe(null);
    if (place.onServer) expect(await copy.result((session) => session.subject ?? null)).toBe(null);
  });

  it('takes changes again, and stores them', async () => {
    await client.run((session) => session.set('n', 'one'));
    await client.run((session) => {
      session.set('wrong', 'x');
      session.reset();
      session.set('n', 'two');
    });
    expect(await client.result((session) => session.all())).toEqual({ n: 'two' });
  });
});

@Controller()
class FormController {
  @Get('form')
  async form(@CsrfToken() token: string, @CurrentSession() session: Session) {
    session.set('draft', 'x');
    session.reset();
    return { token, draft: session.get('draft') ?? null };
  }

  @Post('form')
  @UseGuards(SessionCsrfGuard)
  take() {
    return 'taken';
  }

  @Post('untouched')
  @ReadonlySession()
  untouched(@CurrentSession() session: Session) {
    session.reset();
    return session.get('draft') ?? null;
  }
}

describe.each(ADAPTER_NAMES)('session.reset() on %s', (adapter) => {
  it.each([
    ['memory', () => memoryStore()],
    ['cookie', () => cookieStore()],
  ])('leaves the CSRF token of a page valid, with the %s store', async (_, store) => {
    const plan = { adapter, session: { store: store() }, controllers: [FormController] };
    const app: TestApp = await startApp(plan);
    const visitor = app.visitor();
    const { token, draft } = (await visitor.get('/form')).body as { token: string; draft: unknown };
    expect(draft).toBe(null);
    expect((await visitor.submit('/form', { _csrf: token })).text).toBe('taken');
    expect((await visitor.submit('/form', { _csrf: token.toLowerCase() })).status).toBe(403);
    expect((await visitor.post('/untouched', '')).status).toBe(201);
  });
});

describe.each(ADAPTER_NAMES)('after session.reset() on %s, a stored session', (adapter) => {
  let app: ScriptApp;
  let client: Client;

  beforeEach(async () => {
    app = await ScriptApp.start({ store: memoryStore() }, adapter);
    client = app.client();
  });

  it('moves its idle clock no earlier than without touch()', async () => {
    await client.run((session) => session.set('n', 1));
    app.ahead = 30;
    const seenAt = (session: Session<Record<string, unknown>>) => session.lastSeenAt.getTime();
    const before = await client.result(seenAt);
    await client.run(async (session) => {
      await session.touch();
      session.reset();
    });
    expect(await client.result(seenAt)).toBe(before);
    await client.run((session) => session.touch());
    expect(await client.result(seenAt)).not.toBe(before);
  });

  it('still misses what another request has saved meanwhile, until it is reloaded', async () => {
    await client.run((session) => session.set('n', 1));
    const found = await client.result(async (session) => {
      await client.copy().run((other) => other.set('n', 2));
      session.set('n', 3);
      session.reset();
      const before = session.get('n');
      session.set('mine', 1);
      await session.reload();
      return [before, session.get('n'), session.get('mine')];
    });
    expect(found).toEqual([1, 2, 1]);
  });

  it('takes a change after the head back without the event lostChange', async () => {
    await client.run((session) => session.set('n', 1));
    let after!: Promise<unknown>;
    await client.run((session) => {
      after = new Promise((resolve) => {
        setImmediate(() => {
          session.set('n', 2);
          session.reset();
          setImmediate(() => setImmediate(() => resolve(session.get('n'))));
        });
      });
      return session.save();
    });
    expect(await after).toBe(1);
    expect(app.seen('lostChange')).toEqual([]);
  });

  it('does not end the sessions of an ambiguous request, which a login would have ended', async () => {
    const [ada, eve] = [app.client(), app.client()];
    await ada.run((session) => session.login('ada'));
    await eve.run((session) => session.login('eve'));
    const cookie = `${ada.cookie}; ${eve.cookie}`;
    const { cookies } = await app.client().run(
      async (session) => {
        await session.login('mallory');
        session.reset();
      },
      { headers: { cookie } },
    );
    expect(cookies).toEqual([]);
    const names = await Promise.all([ada, eve].map((one) => one.result((session) => session.subject)));
    expect(names).toEqual(['ada', 'eve']);
  });

  it('has what a save under way stores', async () => {
    const held = memoryStore();
    const own = (await ScriptApp.start({ store: held }, adapter)).client();
    await own.run((session) => session.set('n', 1));
    const replace = holdNext(held, 'replace');
    const found = await own.result(async (session) => {
      session.set('n', 2);
      const saved = session.save();
      await replace.begun;
      session.set('n', 3);
      session.reset();
      replace.release();
      await saved;
      return session.get('n');
    });
    expect(found).toBe(2);
    expect(await own.result((session) => session.get('n'))).toBe(2);
  });

  it.each(['done', 'failed'] as const)(
    'has what a save stores after a logout that is %s',
    async (outcome) => {
      const held = memoryStore();
      const own = (await ScriptApp.start({ store: held }, adapter)).client();
      await own.run((session) => session.set('n', 1));
      const end = holdNext(held, 'destroy');
      const found = await own.result(async (session) => {
        await session.logout();
        session.set('n', 2);
        const saved = session.save().catch((error: SessionStateError) => error);
        await end.begun;
        session.set('n', 3);
        session.reset();
        if (outcome === 'done') end.release();
        else end.fail();
        await saved;
        return session.all();
      });
      const stored = outcome === 'done' ? { n: 2 } : {};
      expect(found).toEqual(stored);
      expect(await own.result((session) => session.all())).toEqual(stored);
    },
  );

  it('is not changed later by a save under way that fails', async () => {
    const held = memoryStore();
    const own = (await ScriptApp.start({ store: held }, adapter)).client();
    await own.run((session) => session.set('n', 1));
    const move = holdNext(held, 'move');
    await own.run(async (session) => {
      session.set('n', 2);
      await session.login('ada');
      const saved = session.save().catch((error: SessionStateError) => error);
      await move.begun;
      session.reset();
      move.fail();
      await saved;
      session.set('m', 1);
    });
    const found = (session: Session<Record<string, unknown>>) => [session.subject ?? null, session.all()];
    expect(await own.result(found)).toEqual([null, { n: 1, m: 1 }]);
  });

  it('has nothing of a save that failed before', async () => {
    const held = memoryStore();
    const own = (await ScriptApp.start({ store: held }, adapter)).client();
    await own.run((session) => session.set('n', 1));
    const move = holdNext(held, 'move');
    await own.run(async (session) => {
      await session.login('ada');
      const saved = session.save().catch((error: SessionStateError) => error);
      await move.begun;
      move.fail();
      await saved;
      session.reset();
    });
    expect(await own.result((session) => session.subject ?? null)).toBe(null);
  });
});
