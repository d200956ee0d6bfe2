import { Controller, Get, Inject, type INestApplication } from '@nestjs/common';
import {
  cookieStore,
  CurrentSession,
  memoryStore,
  ReadonlySession,
  SessionService,
  type Session,
} from 'nestjs-session-crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { ADAPTER_NAMES, type AdapterName } from '../support/adapters.js';
import type { Answer } from '../support/ask.js';
import { launch, type SessionPlan } from '../support/test-app.js';
import { Visitor } from '../support/visitor.js';

@Controller()
class PathsController {
  @Get('untouched')
  untouched() {}

  @Get('read')
  read(@CurrentSession() session: Session) {
    session.get('n');
  }

  @Get('change')
  change(@CurrentSession() session: Session) {
    session.set('n', 2);
  }

  @Get('new')
  begin(@CurrentSession() session: Session) {
    session.set('n', 1);
  }
}

@Controller()
class BareController {
  @Get('untouched')
  untouched() {}
}

type Keys = Record<'request' | 'response', string[]>;

/** What a request has cost. */
interface Cost extends Keys {
  readonly headers: string[];
  readonly cookies: readonly string[];
}

const namesOf = ({ rawHeaders }: Answer) =>
  rawHeaders.filter((_, i) => i % 2 === 0).map((one) => one.toLowerCase());
const keysOf = (one: object) => Reflect.ownKeys(one).map(String);
const without = (all: readonly string[], some: readonly string[]) =>
  all.filter((one) => !some.includes(one)).toSorted();

/** Returns a function that sends a request and returns the answer, and the properties of the raw request and response when
 *  the answer was sent. */
async function measured(adapter: AdapterName, session?: SessionPlan) {
  const keys: Keys = { request: [], response: [] };
  const watch = (request: IncomingMessage, response: ServerResponse) =>
    response.once('finish', () =>
      Object.assign(keys, { request: keysOf(request), response: keysOf(response) }),
    );
  const { app } = await launch({
    adapter,
    controllers: session ? [PathsController] : [BareController],
    ...(session ? { session } : { imports: [] }),
    prepare: (one) => void (one.getHttpServer() as Server).prependListener('request', watch),
  });
  const send = async (visitor: Visitor, path: string) => ({
    answer: await visitor.get(path),
    keys: { ...keys },
  });
  const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
  return { send, visitor: () => new Visitor(`http://127.0.0.1:${port}`) };
}

const GATE = ['Symbol(session gate)', 'end', 'flushHeaders', 'write', 'writeHead'];
/** What a raw request has: its sessions, and on Fastify the way to Fastify's own request. */
const REQUEST = { express: ['Symbol(sessions)'], fastify: ['Symbol(platform)', 'Symbol(sessions)'] };
/** What a response has in addition once its head has waited for a store. Those of Express have it from the application. */
const HELD = {
  express: [],
  fastify: [
    '_implicitHeader',
    'appendHeader',
    'headersSent',
    'removeHeader',
    'setHeader',
    'setHeaders',
    'writableEnded',
  ],
};
const NEVER_HELD = { express: [], fastify: [] };
const ATTRIBUTES = '; Path=/; HttpOnly; SameSite=Lax; Priority=High';

/** base64url of an envelope (77 bytes more than the plaintext) of a frame (48 bytes) and JSON. */
const sealedLength = (json: string) => Math.ceil(((77 + 48 + json.length) * 4) / 3);
/** base64url of a reference: version, hint, 32 bytes of token and a MAC of 16. */
const REFERENCE_LENGTH = Math.ceil(((1 + 4 + 32 + 16) * 4) / 3);

const STORES = [
  {
    name: 'the cookie',
    store: cookieStore,
    length: sealedLength('{"d":{"n":1}}'),
    held: NEVER_HELD,
    resent: true,
  },
  { name: 'a store', store: memoryStore, length: REFERENCE_LENGTH, held: HELD, resent: false },
];
const TABLE = ADAPTER_NAMES.flatMap((adapter) => STORES.map((store) => ({ adapter, ...store })));

describe.each(TABLE)(
  'a request on $adapter with sessions in $name',
  ({ adapter, store, length, held, resent }) => {
    let cost: (path: string, isNew?: boolean) => Promise<Cost>;

    beforeAll(async () => {
      const bare = await measured(adapter);
      const ours = await measured(adapter, { store: store() });
      const base = await bare.send(bare.visitor(), '/untouched');
      cost = async (path, isNew = false) => {
        const visitor = ours.visitor();
        if (!isNew) await ours.send(visitor, '/new');
        const { answer, keys } = await ours.send(visitor, path);
        return {
          headers: without(namesOf(answer), namesOf(base.answer)),
          cookies: answer.cookies,
          request: without(keys.request, base.keys.request),
          response: without(keys.response, base.keys.response),
        };
      };
    });

    const line = expect.stringMatching(new RegExp(`^sid=[\\w-]{${length}}${ATTRIBUTES}$`)) as string;

    it('has a few properties more where the session is not touched, and no header', async () => {
      expect(await cost('/untouched')).toEqual({
        headers: [],
        cookies: [],
        request: REQUEST[adapter],
        response: GATE,
      });
    });

    it('has two headers more for a read', async () => {
      expect(await cost('/read')).toEqual({
        headers: ['cache-control', 'vary'],
        cookies: [],
        request: REQUEST[adapter],
        response: GATE,
      });
    });

    it('has exactly the bytes of the sealed session more where the cookie holds what is changed', async () => {
      expect(await cost('/change')).toEqual({
        headers: ['cache-control', ...(resent ? ['set-cookie'] : []), 'vary'],
        cookies: resent ? [line] : [],
        request: REQUEST[adapter],
        response: [...GATE, ...held[adapter]].toSorted(),
      });
    });

    it('has one line of exact length for a new session', async () => {
      expect(await cost('/new', true)).toEqual({
        headers: ['cache-control', 'set-cookie', 'vary'],
        cookies: [line],
        request: REQUEST[adapter],
        response: [...GATE, ...held[adapter]].toSorted(),
      });
    });
  },
);

describe('a response on Express', () => {
  it('has its gate before Express changes its prototype', async () => {
    const { send, visitor } = await measured('express', { store: cookieStore() });
    const { response } = (await send(visitor(), '/untouched')).keys;
    expect(response).toContain('locals'); // Express adds it when it has changed the prototype
    for (const method of ['writeHead', 'write', 'end', 'flushHeaders'])
      expect(response.indexOf(method)).toBeLessThan(response.indexOf('locals'));
  });
});

// No decorator of this file may give a route rules outside the second test.
describe('the guard that brings the rules of a route', () => {
  const guardsOf = (app: INestApplication) =>
    (app as unknown as { config: { getGlobalGuards(): unknown[] } }).config.getGlobalGuards().filter(Boolean);

  it('is left out where no route has rules', async () => {
    const { app } = await launch({ controllers: [PathsController], session: {} });
    expect(guardsOf(app)).toEqual([]);
  });

  it.each<{ what: string; session: SessionPlan }>([
    { what: 'a session is loaded before the handler', session: { session: { load: 'eager' } } },
    {
      what: 'an id comes in a form',
      session: { store: memoryStore(), id: { sources: ['cookie', 'body'] } },
    },
  ])('is there where $what', async ({ session }) => {
    const { app } = await launch({ controllers: [PathsController], session });
    expect(guardsOf(app)).toHaveLength(1);
  });

  it('stands on a route that is decorated after the providers were made', async () => {
    @Controller()
    class LateController {
      constructor(@Inject(SessionService) private readonly sessions: SessionService) {}

      @Get('late')
      async late() {
        const session = await this.sessions.current();
        return { code: await changeOf(session) };
      }
    }
    const decorate = () => {
      const late = Object.getOwnPropertyDescriptor(LateController.prototype, 'late')!;
      ReadonlySession()(LateController.prototype, 'late', late);
    };
    const { app } = await launch({ controllers: [LateController], session: {}, prepare: decorate });
    expect(guardsOf(app)).toEqual([]);
    const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
    const { body } = await new Visitor(`http://127.0.0.1:${port}`).get('/late');
    expect(body).toEqual({ code: 'ERR_SESSION_READONLY' });
  });
});

async function changeOf(session: Session): Promise<unknown> {
  try {
    session.set('n', 1);
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return 'changed';
}
