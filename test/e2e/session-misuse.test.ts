import { cookieStore, memoryStore } from 'nestjs-session-crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { ADAPTER_NAMES } from '../support/adapters.js';
import { Client, ScriptApp } from '../support/script-app.js';

/** A session as JavaScript sees it. */
type Loose = Readonly<Record<string, (...args: unknown[]) => Promise<void>>>;
const loosely = (session: unknown) => session as Loose;

/** Runs as CommonJS without strict mode, where JavaScript ignores an assignment that it cannot make. */
const sloppy = (code: string) => new Function('session', code) as (session: unknown) => void;

const messageOf = (act: () => unknown): string => {
  try {
    act();
    return 'nothing was thrown';
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code}: ${message}`;
  }
};

describe.each(ADAPTER_NAMES)('a handler on %s', (adapter) => {
  describe.each([
    ['memory', () => memoryStore()],
    ['cookie', () => cookieStore({ acceptReplay: true })],
  ])('with the %s store', (_, store) => {
    let app: ScriptApp;

    beforeAll(async () => {
      app = await ScriptApp.start({ store: store() }, adapter);
    });

    const callbacks: [method: string, args: unknown[]][] = [
      ['save', [() => undefined]],
      ['regenerate', [() => undefined]],
      ['regenerate', [{ keep: [] }, () => undefined]],
      ['destroy', [() => undefined]],
      ['login', ['ada', () => undefined]],
      ['login', ['ada', {}, () => undefined]],
      ['login', [() => undefined]],
      ['logout', [() => undefined]],
      ['logout', [{ keepSessionInfo: true }, () => undefined]],
      ['touch', [() => undefined]],
    ];

    it.each(callbacks)('is told at once that session.%s() takes no callback', async (method, args) => {
      const said = await app
        .client()
        .result((session) => messageOf(() => loosely(session)[method]!(...args)));
      expect(said).toBe(
        `ERR_SESSION_USAGE: session.${method}() takes no callback, it returns a promise: await session.${method}(…)`,
      );
    });

    it('gets a response with an error, where only its callback would have sent one', async () => {
      const answer = await app
        .client()
        .run((session) => new Promise((resolve) => void loosely(session)['save']!(() => resolve('saved'))));
      expect(answer.status).toBe(500);
    });

    it('ends no session by a call that throws', async () => {
      const client = app.client();
      await client.result((session) => session.login('ada'));
      await client.run((session) => loosely(session)['destroy']!(() => undefined));
      expect(await client.result((session) => session.subject)).toBe('ada');
    });

    it.each([
      ['session.cart = []', /"cart" would be lost; keep a value with session.set\("cart", value\)/],
      ['session["user name"] = 1', /"user name" would be lost/],
      ['Object.assign(session, { user: {} })', /"user" would be lost/],
      ['session.cookie = {}', /forRoot\(\{ cookie \}\)/],
      ['session.subject = "ada"', /session\.login\(subject\)/],
      ['session.id = "x"', /session\.regenerate\(\)/],
      ['session.isNew = true', /"isNew" would be lost/],
      ['session.flash = {}', /"flash" is a method of Session; keep a value with session.set/],
      ['session.delete = 1', /"delete" is a method/],
      ['session.touch = 1', /"touch" is a method/],
      ['session.get = 1', /"get" is a method/],
      ['session[Symbol.for("user")] = 1', /Symbol\(user\)/],
      ['session.constructor = 1', /"constructor" is a method/],
      ['session[Array(99).join("x")] = 1', /"x{40}" would be lost/],
    ])('is told at once that the property is lost: %s', async (code, message) => {
      const client = app.client();
      for (const strict of ['', '"use strict"; '])
        expect(await client.result((session) => messageOf(() => sloppy(strict + code)(session)))).toMatch(
          message,
        );
    });
  });
});

describe('a session', () => {
  it('is an object like others for those who only look at it', async () => {
    const app = await ScriptApp.start({ store: memoryStore() });
    const client: Client = app.client();
    const seen = await client.result((session) => {
      const loose = session as unknown as Record<string, unknown>;
      return [
        session instanceof Object,
        'save' in session,
        'cart' in session,
        loose['cart'] ?? null,
        `${String(session)}`,
      ];
    });
    expect(seen).toEqual([true, true, false, null, '[object Object]']);
  });
});
