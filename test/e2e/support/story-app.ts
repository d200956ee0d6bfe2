import {
  Body,
  ConsoleLogger,
  Controller,
  Get,
  Header,
  HttpCode,
  Logger,
  Post,
  Redirect,
  UseGuards,
} from '@nestjs/common';
import { format } from 'node:util';
import {
  CsrfToken,
  CurrentSession,
  Session,
  SESSION_EVENTS,
  SessionCsrfGuard,
  SessionGuard,
} from 'nestjs-session-crypto';
import { sessionsOf } from '../../../lib/request/request-sessions.js';
import type { SessionState } from '../../../lib/session/session-state.js';
import { BrowserLike, type Page } from './browser-like.js';
import type { AdapterName } from '../../support/adapters.js';
import { cleanUp } from '../../support/cleanup.js';
import { ShiftedClock } from '../../support/shifted-clock.js';
import { launch, type LaunchedApp, type SessionPlan, TestApp } from '../../support/test-app.js';

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

/** The shop behind a proxy that ends TLS, with a clock that the test shifts; it hears everything that is shown. */
export class StoryApp extends TestApp {
  /** What must never be heard: tokens of the cookie, and seeds of CSRF tokens. */
  readonly secrets = new Set<string>();
  /** The seeds of CSRF tokens alone. */
  readonly seeds = new Set<string>();

  private constructor(
    launched: LaunchedApp,
    private readonly cookie: string,
    private readonly clock: ShiftedClock,
    /** Everything that was shown or written: pages, headers but our Set-Cookie, addresses, logs, events. */
    readonly heard: string[],
  ) {
    super(launched);
    for (const name of SESSION_EVENTS)
      this.sessions.events.on(name, (detail) => this.heard.push(`${name} ${JSON.stringify(detail)}`));
    const server = this.app.getHttpServer() as NodeJS.EventEmitter;
    server.on('request', (request: object, response: NodeJS.EventEmitter) =>
      response.on('close', () => this.keepSeed(request)),
    );
  }

  static async start(session: SessionPlan, adapter: AdapterName, cookie: string): Promise<StoryApp> {
    const clock = new ShiftedClock();
    const heard: string[] = [];
    hearConsole(heard);
    const launched = await launch({
      adapter,
      trustProxy: true,
      session,
      controllers: [ShopController],
      replace: [clock.replacement],
      logger: new HeardLogger(heard),
    });
    return new StoryApp(launched, cookie, clock, heard);
  }

  /** Seconds that all clocks are ahead. */
  set ahead(seconds: number) {
    this.clock.ahead = seconds;
  }

  get ahead(): number {
    return this.clock.ahead;
  }

  browser(origin?: string): BrowserLike {
    const now = () => Date.now() + 1000 * this.ahead;
    return new BrowserLike(this.url, now, (page) => this.hear(page), origin);
  }

  /** The seed is told nowhere: it is taken out of the request's own session. */
  private keepSeed(request: object): void {
    const state: unknown = Reflect.get(sessionsOf(request)?.get() ?? {}, 'state');
    const seed = (state as SessionState | undefined)?.current.csrfSeed;
    if (!seed) return;
    this.seeds.add(seed);
    this.secrets.add(seed);
  }

  private hear({ url, headers, text, status }: Page): void {
    const { 'set-cookie': lines = [], ...others } = headers;
    const ours = new RegExp(`^${this.cookie}=([^;]+)`);
    for (const line of lines) {
      const token = ours.exec(line)?.[1];
      if (token) this.secrets.add(token);
      this.heard.push(token ? line.replace(token, '') : line);
    }
    this.heard.push(`${status} ${url}`, JSON.stringify(others), text);
  }
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

/** Writes console lines down as they would be printed; the console is given back after the test. */
function hearConsole(heard: string[]): void {
  for (const name of CONSOLE) {
    const original = console[name];
    console[name] = (...words: unknown[]) => void heard.push(format(...words));
    cleanUp(() => (console[name] = original));
  }
}
