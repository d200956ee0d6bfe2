import { memoryStore, type CookieOptions } from 'nestjs-session-crypto';
import { describe, expect, it } from 'vitest';
import { ExpressApp, valuesOf, type ExpressRequest, type Loose } from './support/express-app.js';

const start = (cookie: CookieOptions = {}) => ExpressApp.start({ session: { store: memoryStore(), cookie } });

describe('req.session', () => {
  it('has its values and its cookie as properties of its own, and no method', async () => {
    const keys = await (await start()).client().result(({ session }) => {
      session['b'] = 1;
      session['a'] = 2;
      const all: string[] = [];
      for (const key in session) all.push(key);
      return [all.toSorted(), Object.keys(JSON.parse(JSON.stringify(session)) as object).toSorted()];
    });
    expect(keys).toEqual([
      ['a', 'b', 'cookie'],
      ['a', 'b', 'cookie'],
    ]);
  });

  it('takes the cookie of the session before along with its values, as Passport copies them', async () => {
    const client = (await start()).client();
    await client.run(({ session }) => {
      session['cart'] = ['tea'];
      session.cookie.maxAge = 60_000;
    });
    const { cookies } = await client.run(async (request) => {
      const before = request.session;
      await before.regenerate();
      for (const key in before) request.session[key] = before[key];
    });
    expect(cookies[0]).toContain('; Max-Age=60;');
    expect(await client.result(({ session }) => [session['cart'], session.cookie.originalMaxAge])).toEqual([
      ['tea'],
      60_000,
    ]);
  });

  it('stores its values also where the application has removed the cookie', async () => {
    const client = (await start()).client();
    await client.run(({ session }) => {
      delete (session as Partial<Loose>).cookie;
      session['n'] = 1;
    });
    expect(await client.result(({ session }) => [session['n'], session.cookie.path])).toEqual([1, '/']);
  });

  it('refuses an object in the place of its cookie before anything is sent', async () => {
    const client = (await start()).client();
    const said = await client.result(async ({ session }) => {
      const { cookie } = session;
      Object.assign(session, { n: 1, cookie: { maxAge: 1000 } });
      const error = await session.save().catch((one: Error) => one.message);
      Object.assign(session, { cookie });
      return error;
    });
    expect(said).toMatch(/^req\.session\.cookie cannot be an object: set its properties/);
    const { status, cookies } = await client.run(({ session }) =>
      Object.assign(session, { n: 2, cookie: {} }),
    );
    expect([status, cookies]).toEqual([500, []]);
    expect(await client.result(({ session }) => valuesOf(session))).toEqual({ n: 1 });
  });
});

describe('the lifetime of req.session.cookie', () => {
  it('shows the same originalMaxAge in all requests', async () => {
    const client = (await start({ lifetime: 2 })).client();
    const read = ({ session }: ExpressRequest) => session.cookie.originalMaxAge;
    await client.run(({ session }) => void (session['n'] = 1));
    expect([await client.result(read), await client.result(read)]).toEqual([2000, 2000]);
    await client.run(({ session }) => void (session.cookie.maxAge = 5000));
    expect([await client.result(read), await client.result(read)]).toEqual([5000, 5000]);
  });

  it.each([0, 60])('without an end is sent once, and not with each change: lifetime %i', async (lifetime) => {
    const client = (await start({ lifetime })).client();
    const change = ({ session }: ExpressRequest) => {
      session['n'] = ((session['n'] as number) ?? 0) + 1;
      session.cookie.expires = null;
    };
    expect((await client.run(change)).cookies[0]).not.toContain('Max-Age');
    expect((await client.run(change)).cookies).toEqual([]);
    await client.run(({ session }) => void (session.cookie.maxAge = 60_000));
    expect((await client.run(change)).cookies[0]).not.toContain('Max-Age');
  });

  it.each([
    ['expires', new Date(Number.NaN)],
    ['expires', 'tomorrow'],
    ['maxAge', Number.NaN],
    ['maxAge', '60'],
  ])('refuses %s = %s', async (name, value) => {
    const said = await (await start()).client().result(({ session }) => {
      try {
        Reflect.set(session.cookie, name, value);
        return 'taken';
      } catch (error) {
        return (error as Error).name;
      }
    });
    expect(said).toBe('TypeError');
  });
});

it('sends a new cookie also where save() stores the session before its last change', async () => {
  const client = (await start({ lifetime: 60 })).client();
  const { cookies } = await client.run(async ({ session }) => {
    session['n'] = 1;
    session.cookie.expires = null;
    await session.save();
    session['n'] = 2;
  });
  expect(cookies).toHaveLength(1);
  expect(await client.result(({ session }) => session['n'])).toBe(2);
});

describe('an attribute of req.session.cookie', () => {
  it('is that of one session, for as long as it lives', async () => {
    const app = await start();
    const client = app.client();
    const first = await client.run(({ session }) => {
      session['n'] = 1;
      Object.assign(session.cookie, { httpOnly: false, sameSite: true, priority: 'low' });
    });
    const own = /; Path=\/; SameSite=Strict; Priority=Low$/;
    expect(first.cookies).toEqual([expect.stringMatching(own)]);
    const renewed = await client.run(async () => (await app.sessions.current()).regenerate());
    expect(renewed.cookies).toEqual([expect.stringMatching(own)]);
    expect((await client.run(({ session }) => session['n'])).cookies).toEqual([]);
    const seen = await client.result(({ session: { cookie } }) => [
      cookie.httpOnly,
      cookie.sameSite,
      cookie.priority,
    ]);
    expect(seen).toEqual([false, 'strict', 'low']);
    const other = await app.client().run(({ session }) => void (session['n'] = 1));
    expect(other.cookies).toEqual([expect.stringContaining('; HttpOnly; SameSite=Lax; Priority=High')]);
  });

  it('is sent when it changes, together with the lifetime', async () => {
    const client = (await start()).client();
    await client.run(({ session }) => {
      session['n'] = 1;
      session.cookie.maxAge = 60_000;
    });
    const { cookies } = await client.run(({ session }) => void (session.cookie.sameSite = 'strict'));
    expect(cookies).toEqual([expect.stringMatching(/; Max-Age=60; .*; SameSite=Strict/)]);
  });

  it('SameSite=None is Lax on a plain connection, where browsers refuse it', async () => {
    const client = (await start()).client();
    const { cookies } = await client.run(({ session }) => {
      session['n'] = 1;
      session.cookie.sameSite = 'none';
    });
    expect(cookies).toEqual([expect.stringContaining('; SameSite=Lax')]);
  });

  it.each<[string, unknown, unknown]>([
    ['path', '/', '/admin'],
    ['domain', undefined, 'example.com'],
    ['secure', false, true],
    ['partitioned', false, true],
  ])('%s takes the value that it has, and no other', async (name, same, other) => {
    const said = await (await start()).client().result(({ session }) => {
      Reflect.set(session.cookie, name, same);
      try {
        Reflect.set(session.cookie, name, other);
        return 'taken';
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(said).toContain(`it decides which cookie it is; set cookie.${name} of forRoot()`);
  });

  it.each([
    ['sameSite', 'sometimes'],
    ['priority', 'highest'],
  ])('refuses %s = %s', async (name, value) => {
    const { status } = await (
      await start()
    )
      .client()
      .run(({ session }) => void Reflect.set(session.cookie, name, value));
    expect(status).toBe(500);
  });

  it('is not believed where the application has stored something else under its key', async () => {
    const app = await start();
    const client = app.client();
    await client.run(async () => {
      const session = await app.sessions.current();
      session.set('cookie' as never, { sameSite: 'x', expires: 'never', httpOnly: 1 } as never);
    });
    const seen = await client.result(({ session: { cookie } }) => [
      cookie.sameSite,
      cookie.expires,
      cookie.httpOnly,
    ]);
    expect(seen).toEqual(['lax', null, true]);
  });
});
