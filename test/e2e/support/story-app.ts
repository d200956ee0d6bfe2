import {
  Body,
  ConsoleLogger,
  Controller,
  Get,
  Header,
  HttpCode,
  Logger,
  Module,
  Post,
  Redirect,
  UseGuards,
  type INestApplication,
} from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import type { AddressInfo } from 'node:net';
import { format } from 'node:util';
import {
  CsrfToken,
  CurrentSession,
  getSessionClockToken,
  Session,
  SESSION_EVENTS,
  SessionCryptoModule,
  SessionCsrfGuard,
  SessionGuard,
  SessionService,
  type SessionCryptoOptions,
  type SessionEventName,
} from 'nestjs-session-crypto';
import { sessionsOf } from '../../../lib/request/request-sessions.js';
import { BrowserLike, type Page } from './browser-like.js';

type Shop = Session<{ cart?: number; order?: string; flag?: boolean }>;

const page = (body: string): string => `<!doctype html><title>Shop</title>${body}`;
const form = (action: string, token: string, button: string): string =>
  `<form method="post" action="${action}"><input type="hidden" name="_csrf" value="${token}"><button>${button}</button></form>`;

/** A small shop: everything that a page of it shows comes through here. */
@Controller()
class ShopController {
  private readonly logger = new Logger('Shop');

  @Get()
  @Header('content-type', 'text/html')
  home(@CurrentSession() session: Shop) {
    return page(`<p>${session.subject ?? 'nobody'}</p><p>cart ${session.get('cart') ?? 0}</p>`);
  }

  @Get('cart')
  @Header('content-type', 'text/html')
  cart(@CurrentSession() session: Shop) {
    this.logger.log({ message: 'added to the cart', session, request: 'GET /cart' });
    session.increment('cart');
    return page(`<p>cart ${session.get('cart')}</p>`);
  }

  @Get('login')
  @Header('content-type', 'text/html')
  loginForm(@CsrfToken() token: string) {
    return page(form('/login', token, 'Log in'));
  }

  @Post('login')
  @UseGuards(SessionCsrfGuard)
  @Redirect('/', 303)
  async login(@CurrentSession() session: Shop) {
    await session.login('ada');
    console.info('logged in', session, String(session), JSON.stringify(session));
  }

  @Get('renew')
  @Header('content-type', 'text/html')
  async renew(@CurrentSession() session: Shop) {
    await session.regenerate();
    return page('<p>renewed</p>');
  }

  @Get('order')
  @UseGuards(SessionGuard)
  @Header('content-type', 'text/html')
  orderForm(@CsrfToken() token: string) {
    return page(form('/order', token, 'Order'));
  }

  @Post('order')
  @HttpCode(200)
  @UseGuards(SessionCsrfGuard, SessionGuard)
  @Header('content-type', 'text/html')
  order(@CurrentSession() session: Shop, @Body() body: { what?: string }) {
    session.set('order', body.what ?? '');
    return page('<p>ordered</p>');
  }

  @Get('me')
  me(@CurrentSession() session: Shop) {
    return { subject: session.subject ?? null, data: session.all(), session };
  }

  @Get('failing')
  failing(@CurrentSession() session: Shop) {
    throw new Error(`on purpose, for ${session.subject}`);
  }

  @Get('logout')
  @Redirect('/', 303)
  async logout(@CurrentSession() session: Shop) {
    await session.logout();
  }
}

const ADAPTERS = { express: ExpressAdapter, fastify: FastifyAdapter } as const;
export type AdapterName = keyof typeof ADAPTERS;

/** The shop behind a proxy that ends TLS, with a clock that the test shifts, and ears everywhere. */
export class StoryApp {
  /** Seconds that all clocks are ahead. */
  ahead = 0;
  /** Everything that was shown or written: pages, headers but our Set-Cookie, addresses, logs, events. */
  readonly heard: string[] = [];
  /** What must never be among it: tokens of the cookie, and seeds of CSRF tokens. */
  readonly secrets = new Set<string>();
  /** The seeds of CSRF tokens alone. */
  readonly seeds = new Set<string>();
  readonly events: SessionEventName[] = [];

  private constructor(
    private readonly app: INestApplication,
    private readonly cookie: string,
    private readonly restore: () => void,
  ) {}

  static async start(
    options: Partial<SessionCryptoOptions>,
    adapter: AdapterName,
    cookie: string,
  ): Promise<StoryApp> {
    @Module({
      imports: [SessionCryptoModule.forRoot(options as SessionCryptoOptions)],
      controllers: [ShopController],
    })
    class ShopModule {}
    let story: StoryApp | undefined;
    const heard: string[] = [];
    const logger = new HeardLogger(heard);
    const shift = (actual: Date) => new Date(actual.getTime() + 1000 * (story?.ahead ?? 0));
    const testing = await Test.createTestingModule({ imports: [ShopModule] })
      .overrideProvider(getSessionClockToken())
      .useValue(shift)
      .setLogger(logger)
      .compile();
    const restore = hearConsole(heard);
    const app = testing.createNestApplication(behindProxy(adapter) as ExpressAdapter, { logger });
    await app.listen(0, '127.0.0.1');
    story = new StoryApp(app, cookie, restore);
    story.listen(heard);
    return story;
  }

  browser(origin?: string): BrowserLike {
    const { port } = this.app.getHttpServer().address() as AddressInfo;
    return new BrowserLike(
      port,
      () => Date.now() + 1000 * this.ahead,
      (page) => this.hear(page),
      origin,
    );
  }

  async close(): Promise<void> {
    this.restore();
    await this.app.close();
  }

  private listen(heard: string[]): void {
    const sink = { push: (text: string) => void this.heard.push(text) };
    for (const text of heard.splice(0)) sink.push(text);
    heard.push = (...texts: string[]) => this.heard.push(...texts);
    const { events } = this.app.get(SessionService);
    for (const name of SESSION_EVENTS)
      events.on(name, (detail) => {
        this.events.push(name);
        this.heard.push(`${name} ${JSON.stringify(detail)}`);
      });
    const server = this.app.getHttpServer() as NodeJS.EventEmitter;
    server.on('request', (request: object, response: NodeJS.EventEmitter) =>
      response.on('close', () => this.keepSeed(request)),
    );
  }

  /** The seed is told nowhere: it is taken out of the request's own session. */
  private keepSeed(request: object): void {
    const state: unknown = Reflect.get(sessionsOf(request)?.slot() ?? {}, 'state');
    const seed = (state as { current: { csrfSeed?: string } } | undefined)?.current.csrfSeed;
    if (!seed) return;
    this.seeds.add(seed);
    this.secrets.add(seed);
  }

  private hear({ url, headers, body, status }: Page): void {
    const { 'set-cookie': lines = [], ...others } = headers;
    const ours = new RegExp(`^${this.cookie}=([^;]+)`);
    for (const line of lines) {
      const token = ours.exec(line)?.[1];
      if (token) this.secrets.add(token);
      this.heard.push(token ? line.replace(token, '') : line);
    }
    this.heard.push(`${status} ${url}`, JSON.stringify(others), body);
  }
}

function behindProxy(adapter: AdapterName) {
  if (adapter === 'fastify') return new FastifyAdapter({ trustProxy: true });
  const express = new ExpressAdapter();
  (express.getInstance() as { set(name: string, value: unknown): void }).set('trust proxy', true);
  return express;
}

/** Nest's own logger, with its words kept. */
class HeardLogger extends ConsoleLogger {
  constructor(private readonly heard: string[]) {
    super({ colors: false, logLevels: ['fatal', 'error', 'warn', 'log', 'debug', 'verbose'] });
  }

  protected override printMessages(messages: unknown[]): void {
    for (const message of messages) this.heard.push(this.stringifyMessage(message, 'log') as string);
  }

  protected override printStackTrace(stack?: string): void {
    if (stack) this.heard.push(stack);
  }
}

const CONSOLE = ['log', 'info', 'warn', 'error', 'debug'] as const;

/** Console lines are written down as they would be printed; what gives it back is returned. */
function hearConsole(heard: string[]): () => void {
  const originals = CONSOLE.map((name) => [name, console[name]] as const);
  for (const name of CONSOLE) console[name] = (...words: unknown[]) => void heard.push(format(...words));
  return () => {
    for (const [name, original] of originals) console[name] = original;
  };
}
