import {
  Body,
  Catch,
  Controller,
  ForbiddenException,
  Get,
  Header,
  HttpException,
  Inject,
  Injectable,
  Module,
  Post,
  Query,
  Redirect,
  Req,
  Res,
  Sse,
  StreamableFile,
  UseFilters,
  UseGuards,
  type ArgumentsHost,
  type CanActivate,
  type ExceptionFilter,
  type MiddlewareConsumer,
  type NestModule,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { CurrentSession, Session, SessionService } from 'nestjs-session-crypto';
import { interval, map, take, throwError } from 'rxjs';

/** As much of Express's response and Fastify's reply as the routes need. */
interface PlatformResponse extends ServerResponse {
  readonly raw?: ServerResponse;
  status(code: number): this;
  send(body: unknown): this;
  header(name: string, value: string): this;
  redirect(url: string): this;
  hijack?(): void;
}

const rawOf = (response: PlatformResponse): ServerResponse => response.raw ?? response;

/** 800 kB in 40 pieces, more than any buffer on the way holds. */
const bulk = (letter: string) =>
  Readable.from(Array.from({ length: 40 }, () => Buffer.alloc(20_000, letter)));

/** A guard of the application that leaves a mark, and then refuses. */
@Injectable()
export class MarkAndDeny implements CanActivate {
  constructor(@Inject(SessionService) private readonly sessions: SessionService) {}

  async canActivate(): Promise<boolean> {
    (await this.sessions.current()).set('denied', true);
    throw new ForbiddenException();
  }
}

@Injectable()
export class MarkAndAllow implements CanActivate {
  constructor(@Inject(SessionService) private readonly sessions: SessionService) {}

  async canActivate(): Promise<boolean> {
    (await this.sessions.current()).set('guard', 'was here');
    return true;
  }
}

@Catch()
export class MarkingFilter implements ExceptionFilter {
  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(SessionService) private readonly sessions: SessionService,
  ) {}

  async catch(error: Error, host: ArgumentsHost): Promise<void> {
    (await this.sessions.current()).set('filtered', true);
    this.host.httpAdapter.reply(host.switchToHttp().getResponse(), { own: error.message }, 418);
  }
}

/** Every way in which a handler of Nest answers. */
@Controller()
export class Routes {
  constructor(@Inject(SessionService) private readonly sessions: SessionService) {}

  @Get('untouched')
  untouched() {
    return { ok: true };
  }

  @Get('read')
  read(@CurrentSession() session: Session) {
    return { count: session.get('count') ?? 0, late: session.has('late') };
  }

  @Post('count')
  async count(@CurrentSession() session: Session, @Body() body: unknown) {
    return { count: session.increment('count'), body, current: (await this.sessions.current()) === session };
  }

  @Get('redirect')
  @Redirect('/elsewhere', 302)
  redirect(@CurrentSession() session: Session) {
    session.set('way', 'decorator');
  }

  @Get('platform-redirect')
  platformRedirect(@CurrentSession() session: Session, @Res() response: PlatformResponse) {
    session.set('way', 'platform');
    response.status(302).redirect('/elsewhere');
  }

  @Get('send')
  send(@CurrentSession() session: Session, @Res() response: PlatformResponse) {
    session.set('way', 'send');
    response.status(201).send({ secret: 'sent' });
  }

  @Get('raw')
  raw(@CurrentSession() session: Session, @Res() response: PlatformResponse) {
    session.set('way', 'raw');
    response.hijack?.();
    const raw = rawOf(response);
    raw.writeHead(202, { 'x-own': 'yes', 'set-cookie': 'own=1' });
    raw.write('secret ');
    raw.end('end');
  }

  @Get('raw-flat')
  rawFlat(@CurrentSession() session: Session, @Res() response: PlatformResponse) {
    this.rawWith(session, response, ['X-Own', 'yes', 'Set-Cookie', 'own=1', 'set-cookie', 'other=2']);
  }

  @Get('raw-pairs')
  rawPairs(@CurrentSession() session: Session, @Res() response: PlatformResponse) {
    this.rawWith(session, response, [
      ['X-Own', 'yes'],
      ['Set-Cookie', 'own=1'],
      ['Set-Cookie', 'other=2'],
    ]);
  }

  @Get('our-name')
  ourName(@CurrentSession() session: Session, @Res({ passthrough: true }) response: PlatformResponse) {
    session.set('way', 'our name');
    response.header('set-cookie', 'sid=stranger; Path=/');
    return 'ok';
  }

  @Get('passthrough')
  passthrough(@CurrentSession() session: Session, @Res({ passthrough: true }) response: PlatformResponse) {
    session.set('way', 'passthrough');
    response.header('set-cookie', 'own=2; Path=/');
    return { secret: 'passed' };
  }

  @Get('file')
  file(@CurrentSession() session: Session) {
    session.set('way', 'file');
    return new StreamableFile(bulk('a'));
  }

  @Get('pipe')
  pipe(@CurrentSession() session: Session, @Res() response: PlatformResponse) {
    session.set('way', 'pipe');
    if (response.raw) response.send(bulk('b'));
    else bulk('b').pipe(response);
  }

  @Sse('sse')
  sse(@CurrentSession() session: Session) {
    session.set('way', 'sse');
    return interval(5).pipe(
      take(3),
      map((i) => ({ data: { secret: i } })),
    );
  }

  @Sse('sse-late')
  sseLate(@CurrentSession() session: Session) {
    return interval(5).pipe(
      take(3),
      map((i) => {
        if (i === 1) session.set('late', true);
        return { data: { i } };
      }),
    );
  }

  @Get('web')
  web(@CurrentSession() session: Session): Response {
    session.set('way', 'web');
    return new Response('secret web', { status: 203, headers: { 'x-web': 'yes' } });
  }

  @Get('generator')
  async *generator(@CurrentSession() session: Session) {
    session.set('way', 'generator');
    yield 'secret ';
    yield 'end';
  }

  @Get('observable-error')
  observableError(@CurrentSession() session: Session) {
    session.set('way', 'observable');
    return throwError(() => new HttpException('observed', 409));
  }

  @Get('throw')
  throw(@CurrentSession() session: Session) {
    session.set('way', 'throw');
    throw new HttpException('secret teapot', 418);
  }

  @Get('throw-error')
  throwError(@CurrentSession() session: Session) {
    session.set('way', 'error');
    throw new Error('boom');
  }

  @Get('deny')
  @UseGuards(MarkAndDeny)
  deny() {
    return 'secret';
  }

  @Get('allow')
  @UseGuards(MarkAndAllow)
  allow(@CurrentSession() session: Session) {
    return { guard: session.get('guard') };
  }

  @Get('filter')
  @UseFilters(MarkingFilter)
  filter() {
    throw new Error('secret cause');
  }

  @Get('etag')
  @Header('etag', '"v1"')
  etag(
    @CurrentSession() session: Session,
    @Req() request: IncomingMessage,
    @Res({ passthrough: true }) response: PlatformResponse,
  ) {
    session.set('way', 'etag');
    if (request.headers['if-none-match'] !== '"v1"') return 'fresh';
    response.status(304);
    return undefined;
  }

  @Get('send-throw')
  sendThrow(@CurrentSession() session: Session, @Res() response: PlatformResponse) {
    session.set('way', 'send, then throw');
    response.status(200).send({ first: true });
    throw new Error('after send');
  }

  @Get('send-twice')
  sendTwice(@CurrentSession() session: Session, @Res() response: PlatformResponse) {
    session.set('way', 'send twice');
    response.status(200).send({ first: true });
    response.status(500).send({ second: 'longer than the first' });
  }

  @Get('late')
  late(@CurrentSession() session: Session, @Res({ passthrough: true }) response: PlatformResponse) {
    rawOf(response).once('finish', () => session.set('late', true));
    return { ok: true };
  }

  @Get('late-save')
  lateSave(@CurrentSession() session: Session, @Res() response: PlatformResponse) {
    const raw = rawOf(response);
    response.hijack?.();
    raw.writeHead(200);
    raw.flushHeaders();
    session.set('late', true);
    void session.save().then(
      () => raw.end('saved'),
      (error: { code?: string }) => raw.end(error.code),
    );
  }

  @Get('late-save-new')
  lateSaveNew(@CurrentSession() session: Session, @Res() response: PlatformResponse) {
    const raw = rawOf(response);
    response.hijack?.();
    raw.writeHead(200);
    raw.flushHeaders();
    try {
      session.set('late', true);
      raw.end('taken');
    } catch (error) {
      raw.end((error as { code?: string }).code);
    }
  }

  @Get('cors')
  cors(@CurrentSession() session: Session, @Res() response: PlatformResponse) {
    session.set('way', 'cors');
    response.hijack?.();
    const raw = rawOf(response);
    raw.setHeader('access-control-allow-origin', 'https://a.example');
    raw.setHeader('x-own', 'secret');
    raw.writeHead(200, { Vary: 'Origin', 'X-Own': 'secret' });
    raw.end('secret');
  }

  @Get('current')
  async current() {
    await setImmediate();
    (await this.sessions.current()).set('way', 'current');
    return { current: true };
  }

  @Get('own')
  async own(@CurrentSession() session: Session, @Query('i') i: string) {
    session.set('i', i);
    await setImmediate();
    const current = await this.sessions.current();
    return { i: current.get('i'), id: current.id, same: current === session };
  }

  @Get('bad-cookie')
  badCookie(@CurrentSession() session: Session, @Res() response: PlatformResponse) {
    session.set('way', 'bad cookie');
    response.hijack?.();
    rawOf(response).writeHead(200, { 'set-cookie': 'own=a\nb' });
    rawOf(response).end('ok');
  }

  @Get('flood')
  flood(@CurrentSession() session: Session, @Res() response: PlatformResponse) {
    session.set('way', 'flood');
    response.hijack?.();
    const raw = rawOf(response);
    const piece = Buffer.alloc(2 ** 20, 'f');
    for (let i = 0; i < 20; i++) raw.write(piece);
    raw.end();
  }

  private rawWith(session: Session, response: PlatformResponse, headers: unknown): void {
    session.set('way', 'raw');
    response.hijack?.();
    rawOf(response).writeHead(202, headers as string[]);
    rawOf(response).end('raw');
  }
}

/** Middleware of the application that answers by itself. */
@Module({})
export class AnsweringMiddleware implements NestModule {
  constructor(@Inject(SessionService) private readonly sessions: SessionService) {}

  configure(consumer: MiddlewareConsumer): void {
    consumer
      .apply(async (_request: unknown, response: ServerResponse, next: () => void) => {
        const request = _request as IncomingMessage & { originalUrl?: string };
        if (!(request.originalUrl ?? request.url ?? '').endsWith('/middleware')) return next();
        (await this.sessions.current()).set('way', 'middleware');
        response.statusCode = 200;
        response.end('secret middleware');
      })
      .forRoutes('{*splat}');
  }
}
