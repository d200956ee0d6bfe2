import express from 'express';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http';
import { createServer as createSecureServer, get } from 'node:https';
import { createSecureServer as createHttp2Server } from 'node:http2';
import { connect, type AddressInfo } from 'node:net';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { makeWithPrototypes } from '../../../lib/http/express-classes.js';
import { holdByPrototype } from '../../../lib/http/gate/held-head.js';
import { LOOPBACK_CERTIFICATE } from '../../support/loopback-certificate.js';

/** The line of Node that runs the tests, so that they show something of it where it is one of the two. */
const LINE = Number.parseInt(process.versions.node);
const isMeant = LINE === 20 || LINE === 22;
const prototypeOf = (value: object) => Object.getPrototypeOf(value) as object;

type Prototypes = { request: object; response: object };
const NODE: Prototypes = { request: IncomingMessage.prototype, response: ServerResponse.prototype };

let server: Server;

const REQUEST = 'GET / HTTP/1.1\r\nhost: a.example\r\n\r\n';

/** Sends requests one after the other on one connection, and resolves to the first lines of the answers. */
async function ask(...requests: string[]): Promise<string[]> {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const lines: string[] = [];
  for (const request of requests) {
    socket.write(request);
    const answer = await new Promise<string>((ok) => socket.once('data', (data: Buffer) => ok(`${data}`)));
    lines.push(answer.split('\r\n')[0]!);
  }
  socket.destroy();
  await new Promise((closed) => server.close(closed));
  return lines;
}

/** Sees the prototypes of what reaches the application, before Express does anything. */
function seenBy(app: express.Express): Prototypes[] {
  const seen: Prototypes[] = [];
  const handle = Reflect.get(app, 'handle') as (...args: object[]) => void;
  Reflect.set(app, 'handle', (request: object, response: object, ...rest: object[]) => {
    seen.push({ request: prototypeOf(request), response: prototypeOf(response) });
    handle.call(app, request, response, ...rest);
  });
  app.use((_request, response) => void response.send('ok'));
  return seen;
}

/** What a listener that is not Express's does with a request. */
const asks = (seen: Prototypes[]) => (request: IncomingMessage, response: ServerResponse) => {
  seen.push({ request: prototypeOf(request), response: prototypeOf(response) });
  Object.assign(request, { query: { room: '1' } }); // Express has a getter and no setter
};

describe.runIf(isMeant)('makeWithPrototypes, on Node 20 and 22', () => {
  let app: express.Express;
  beforeEach(() => {
    app = express();
    server = createServer(app);
  });

  /** Sends a request and resolves to the prototypes that the application saw. */
  async function seenAfter(prepare: () => void = () => {}): Promise<Prototypes[]> {
    const seen = seenBy(app);
    makeWithPrototypes(server, app);
    prepare();
    expect(await ask(REQUEST)).toEqual(['HTTP/1.1 200 OK']);
    return seen;
  }

  it('lets a server make what Express need not change', async () => {
    const [seen] = await seenAfter();
    expect(seen!.request).toBe(app.request);
    expect(seen!.response).toBe(app.response);
  });

  it('does so when the head of responses is held by their prototype', async () => {
    const [seen] = await seenAfter(() => holdByPrototype(app.response as never));
    expect(seen!.response).toBe(app.response);
  });

  it("leaves instances of Node's classes, with their constructors and their names in stacks", async () => {
    const seen: unknown[] = [];
    Reflect.set(app.response, 'traced', function traced() {
      return new Error('where').stack;
    });
    app.use((request, response, next) => {
      seen.push(request instanceof IncomingMessage, response instanceof ServerResponse);
      seen.push(request.constructor, response.constructor);
      seen.push((response as unknown as { traced(): string }).traced().split('\n')[1]?.trim().split(' ')[1]);
      next();
    });
    await seenAfter();
    expect(seen).toEqual([true, true, IncomingMessage, ServerResponse, 'ServerResponse.traced']);
  });

  it("gives an upgrade Node's prototype", async () => {
    const seen: Prototypes[] = [];
    server.on('upgrade', (request, socket) => {
      asks(seen)(request, new ServerResponse(request));
      socket.end('HTTP/1.1 101 x\r\n\r\n');
    });
    makeWithPrototypes(server, app);
    const upgrade = 'connection: upgrade\r\nupgrade: websocket\r\n';
    expect(await ask(REQUEST.replace('\r\n\r\n', `\r\n${upgrade}\r\n`))).toEqual(['HTTP/1.1 101 x']);
    expect(seen[0]!.request).toBe(NODE.request);
  });

  it.each([
    ['that comes before the application', () => server.prependListener('request', asks([]))],
    [
      'in place of the application',
      () =>
        server.removeAllListeners('request').on('request', (...both) => {
          asks([])(...both);
          app(...both);
        }),
    ],
    [
      'to which monitoring tells the start',
      () => {
        const see = (event: unknown) => {
          const { request, response } = event as { request: IncomingMessage; response: ServerResponse };
          asks([])(request, response);
        };
        subscribe('http.server.request.start', see);
        onTestFinished(() => void unsubscribe('http.server.request.start', see));
      },
    ],
    [
      'to which monitoring tells the response',
      () => {
        const see = () => {};
        subscribe('http.server.response.created', see);
        onTestFinished(() => void unsubscribe('http.server.response.created', see));
      },
    ],
    [
      'of an emit that somebody puts on the server',
      () => {
        const { emit } = server;
        server.emit = function (this: Server, ...all: [string]) {
          return Reflect.apply(emit, this, all);
        } as Server['emit'];
      },
    ],
    [
      'of an emit that somebody puts on the prototype',
      () => {
        const own = prototypeOf(server) as Server;
        const emit = (...all: [string]) => Reflect.apply(own.emit, server, all);
        Object.setPrototypeOf(server, Object.assign(Object.create(own) as object, { emit }));
      },
    ],
  ])("gives Node's prototypes to a listener %s", async (_, prepare) => {
    const [seen] = await seenAfter(prepare);
    expect(seen!.request).toBe(NODE.request);
    expect(seen!.response).toBe(NODE.response);
  });

  it("gives Node's prototypes to a listener that comes before the application on an open connection", async () => {
    const seen: Prototypes[] = [];
    app.use((_request, response) => {
      server.prependListener('request', asks(seen));
      response.send('ok');
    });
    makeWithPrototypes(server, app);
    expect(await ask(REQUEST, REQUEST)).toEqual(['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK']);
    expect(seen[0]!.request).toBe(NODE.request);
    expect(seen[0]!.response).toBe(NODE.response);
  });

  it.each([
    ['a method of the response', () => override('response', 'end')],
    ['a method of the request', () => override('request', 'resume')],
    ['`on`, which Node calls itself', () => override('response', 'on')],
    ['a property of the response', () => shadow('response', 'finished')],
    ['a property of the request', () => shadow('request', 'url')],
    ['a getter of the request', () => shadow('request', 'headers')],
  ])('makes what Node makes where the application overrides %s', async (_, change) => {
    change();
    makeWithPrototypes(server, app);
    expect(await ask(REQUEST.replace(/host.*\r\n/, ''))).toEqual(['HTTP/1.1 400 Bad Request']);
    const [seen] = await seenAfter();
    expect(seen!.request).toBe(NODE.request);
    expect(seen!.response).toBe(NODE.response);
  });

  it('leaves what Express has seen to an event of the application itself', async () => {
    app.get('/', (request, response) => {
      server.emit('visited', request, response);
      server.emit('upgrade', request, response);
      response.send('ok');
    });
    makeWithPrototypes(server, app);
    expect(await ask(REQUEST)).toEqual(['HTTP/1.1 200 OK']);
  });

  it("makes Node's own again on an open connection where a listener comes before the application", async () => {
    const classesOf = () =>
      Object.getOwnPropertySymbols(server).map((symbol) => Reflect.get(server, symbol) as unknown);
    const classes = [IncomingMessage, ServerResponse];
    const before: boolean[] = [];
    app.use((_request, response) => {
      before.push(classes.some((one) => classesOf().includes(one)));
      server.prependListener('request', () => {});
      response.send('ok');
    });
    makeWithPrototypes(server, app);
    await ask(REQUEST, REQUEST);
    expect(before).toEqual([false, true]);
  });

  it('makes what Node makes where an accessor of the application throws', async () => {
    makeWithPrototypes(server, app);
    const { request } = app;
    let reads = 0;
    Object.defineProperty(app, 'request', {
      get() {
        if (!reads++) throw new Error('not now');
        return request;
      },
    });
    app.use((_request, response) => void response.send('ok'));
    expect(await ask(REQUEST)).toEqual(['HTTP/1.1 200 OK']);
  });

  type Both = { res?: express.Response };
  /** Does what only works on a response that Express has seen. */
  const count = (of: object) => (((of as Both).res ?? (of as express.Response)).locals['calls'] = 1);

  function override(kind: 'request' | 'response', name: string): void {
    const original = Reflect.get(app[kind], name) as (...args: unknown[]) => unknown;
    Reflect.set(app[kind], name, function (this: object, ...args: unknown[]) {
      count(this);
      return Reflect.apply(original, this, args);
    });
  }

  function shadow(kind: 'request' | 'response', name: string): void {
    const get = function (this: object) {
      count(this);
      return Reflect.get(NODE[kind], name, this) as unknown;
    };
    Object.defineProperty(app[kind], name, { get });
  }

  it('leaves an emit alone that belongs to an object made of the server', () => {
    makeWithPrototypes(server, app);
    expect((Object.create(server) as Server).emit('nothing')).toBe(false);
  });

  it.each(['IncomingMessage', 'ServerResponse'] as const)(
    'leaves a server alone that has its own %s',
    (name) => {
      const Own = {
        IncomingMessage: class extends IncomingMessage {},
        ServerResponse: class extends ServerResponse {},
      };
      expectAlone(createServer({ [name]: Own[name] }));
    },
  );

  it('leaves a server alone whose `emit` is its own', () => {
    server.emit = () => true;
    expectAlone(server);
  });

  it('changes a server once', () => {
    makeWithPrototypes(server, app);
    expectAlone(server);
  });

  it('works on a server with TLS', async () => {
    const { cert, key } = LOOPBACK_CERTIFICATE;
    const secure = createSecureServer({ key, cert }, app);
    const seen = seenBy(app);
    makeWithPrototypes(secure, app);
    await new Promise<void>((listening) => secure.listen(0, '127.0.0.1', listening));
    onTestFinished(() => void secure.close());
    const { port } = secure.address() as AddressInfo;
    const status = await new Promise((answered, failed) =>
      get({ host: '127.0.0.1', port, ca: cert, agent: false }, (answer) => {
        answered(answer.resume().statusCode);
      }).once('error', failed),
    );
    expect(status).toBe(200);
    expect(seen).toEqual([{ request: app.request, response: app.response }]);
  });
});

function expectAlone(of: Server, { app = express() as unknown, line = LINE } = {}): void {
  const { emit } = of;
  makeWithPrototypes(of, app, line);
  expect(of.emit).toBe(emit);
}

describe('makeWithPrototypes, elsewhere', () => {
  it.each([18, 21, 23, 24, 26])('leaves a server of Node %i alone', (line) => {
    expectAlone(createServer(), { line });
  });

  it('leaves a server of HTTP/2 alone', () => {
    expectAlone(createHttp2Server() as unknown as Server);
  });

  it.each([null, {}, () => {}])('does nothing without an application of Express: %o', (app) => {
    expectAlone(createServer(), { app });
  });

  it.each([undefined, null, {}])('does nothing without a server: %o', (none) => {
    expect(() => makeWithPrototypes(none, express())).not.toThrow();
  });
});
