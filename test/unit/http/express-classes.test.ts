import express from 'express';
import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createSecureServer as createHttp2Server } from 'node:http2';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { makeWithPrototypes } from '../../../lib/http/express-classes.js';

/** The line of Node that runs the tests, so that they show something of it where it is one of the two. */
const LINE = Number.parseInt(process.versions.node);
const isMeant = LINE === 20 || LINE === 22;
const prototypeOf = (value: object) => Object.getPrototypeOf(value) as object;

type Prototypes = { request: object; response: object };
const NODE: Prototypes = { request: IncomingMessage.prototype, response: ServerResponse.prototype };
const ofExpress = ({ request, response }: Prototypes): Prototypes => ({ request, response });

let server: Server | undefined;
afterEach(() => server?.close());

/** Sends one request and resolves to the first line of the answer. */
async function ask(head = ''): Promise<string> {
  await new Promise<void>((listening) => server!.listen(0, '127.0.0.1', listening));
  const socket = connect((server!.address() as AddressInfo).port, '127.0.0.1');
  socket.write(`GET / HTTP/1.1\r\nhost: a.example\r\n${head || 'connection: close\r\n'}\r\n`);
  const answer = await new Promise<string>((ok) => socket.once('data', (data: Buffer) => ok(`${data}`)));
  socket.destroy();
  return answer.split('\r\n')[0]!;
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

describe.runIf(isMeant)('makeWithPrototypes, on Node 20 and 22', () => {
  it('lets a server make what Express need not change', async () => {
    const app = express();
    const seen = seenBy(app);
    server = createServer(app);
    makeWithPrototypes(server, app);
    expect(await ask()).toBe('HTTP/1.1 200 OK');
    expect(seen).toEqual([ofExpress(app)]);
    expect(seen[0]!.request).toBe(app.request);
    expect(seen[0]!.response).toBe(app.response);
  });

  it('leaves instances of the classes of Node, with its constructors', async () => {
    const app = express();
    const kinds: unknown[] = [];
    app.use((request, response) => {
      kinds.push(request instanceof IncomingMessage, response instanceof ServerResponse);
      kinds.push(request.constructor, response.constructor);
      response.send('ok');
    });
    server = createServer(app);
    makeWithPrototypes(server, app);
    await ask();
    expect(kinds).toEqual([true, true, IncomingMessage, ServerResponse]);
  });

  it("gives an upgrade Node's prototype, so that a handler may set what Express only reads", async () => {
    const app = express();
    server = createServer(app);
    server.on('upgrade', (request, socket) => {
      Reflect.set(request, 'seen', prototypeOf(request));
      Object.assign(request, { query: { room: '1' } });
      socket.end(`HTTP/1.1 ${prototypeOf(request) === NODE.request ? 101 : 500} x\r\n\r\n`);
    });
    makeWithPrototypes(server, app);
    expect(await ask('connection: upgrade\r\nupgrade: websocket\r\n')).toBe('HTTP/1.1 101 x');
  });

  it("gives Node's prototypes to a listener that comes before the application", async () => {
    const app = express();
    const seen: Prototypes[] = [];
    server = createServer(app);
    makeWithPrototypes(server, app);
    server.prependListener('request', (request, response) =>
      seen.push({ request: prototypeOf(request), response: prototypeOf(response) }),
    );
    app.use((_request, response) => void response.send('ok'));
    expect(await ask()).toBe('HTTP/1.1 200 OK');
    expect(seen[0]!.request).toBe(NODE.request);
    expect(seen[0]!.response).toBe(NODE.response);
  });

  it("gives Node's prototypes to a listener in place of the application, which passes requests on", async () => {
    const app = express();
    const seen = seenBy(app);
    server = createServer(app);
    makeWithPrototypes(server, app);
    server.removeAllListeners('request').on('request', (request, response) => {
      Object.assign(request, { query: {} });
      app(request, response);
    });
    const made = classesOf(server);
    expect(await ask()).toBe('HTTP/1.1 200 OK');
    expect(seen[0]!.request).toBe(NODE.request);
    expect(classesOf(server)).not.toEqual(made);
    expect(classesOf(server)).toEqual(classesOf(createServer()));
  });

  it('calls what somebody puts before `emit` on the prototype later, as monitoring does', async () => {
    const app = express();
    const seen = seenBy(app);
    const events: string[] = [];
    server = createServer(app);
    makeWithPrototypes(server, app);
    const own = prototypeOf(server) as Server;
    const emit = (event: string, ...args: unknown[]) => {
      events.push(event);
      return Reflect.apply(own.emit, server, [event, ...args]);
    };
    Object.setPrototypeOf(server, Object.assign(Object.create(own) as object, { emit }));
    await ask();
    expect(events).toContain('request');
    expect(seen[0]!.request).toBe(app.request);
  });

  it.each(['IncomingMessage', 'ServerResponse'] as const)(
    'leaves a server alone that has its own %s',
    (name) => {
      const Own = {
        IncomingMessage: class extends IncomingMessage {},
        ServerResponse: class extends ServerResponse {},
      };
      server = createServer({ [name]: Own[name] });
      expectAlone(server);
    },
  );

  it('leaves a server alone whose `emit` is its own', () => {
    server = createServer();
    server.emit = () => true;
    expectAlone(server);
  });

  it('changes a server once', () => {
    server = createServer();
    makeWithPrototypes(server, express());
    const { emit } = server;
    const classes = classesOf(server);
    makeWithPrototypes(server, express());
    expect(server.emit).toBe(emit);
    expect(classesOf(server)).toEqual(classes);
  });

  it('works on a server with TLS', () => {
    const secure = createSecureServer();
    const before = classesOf(secure);
    makeWithPrototypes(secure, express());
    expect(classesOf(secure)).not.toEqual(before);
  });
});

const classesOf = (of: object) =>
  Object.getOwnPropertySymbols(of)
    .filter(({ description }) => /^(IncomingMessage|ServerResponse)$/.test(description ?? ''))
    .map((symbol) => Reflect.get(of, symbol) as unknown);

function expectAlone(of: Server, { app = express() as unknown, line = LINE } = {}): void {
  const [before, { emit }] = [classesOf(of), of];
  makeWithPrototypes(of, app, line);
  expect(classesOf(of)).toEqual(before);
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
