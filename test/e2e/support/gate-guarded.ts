import {
  Body,
  Controller,
  Get,
  Header,
  Param,
  Post,
  Session as NestSession,
  UseGuards,
} from '@nestjs/common';
import {
  CacheLimiter,
  CsrfToken,
  CurrentSession,
  CurrentSubject,
  ReadonlySession,
  RequireSession,
  Session,
  SessionCsrfGuard,
  SessionGuard,
  SkipSession,
  UseSession,
} from 'nestjs-session-crypto';

/** What begins and looks, without any guard. */
@Controller()
export class Open {
  @Post('begin')
  begin(@CurrentSession() session: Session, @Body() values: Record<string, unknown>) {
    for (const [key, value] of Object.entries(values)) session.set(key, value);
    return 'begun';
  }

  @Post('login/:subject')
  async login(@CurrentSession() session: Session, @Param('subject') subject: string) {
    await session.login(subject);
    return 'welcome';
  }

  @Get('look')
  look(@CurrentSession() session: Session) {
    return { isNew: session.isNew, keys: Object.keys(session.all()) };
  }

  @Get('untouched')
  untouched() {
    return 'untouched';
  }

  @Get('nest')
  nest(@NestSession() session: Session | undefined) {
    return { there: session instanceof Session, cart: session?.get('cart') ?? null };
  }

  @Get('nest-skipped')
  @SkipSession()
  nestSkipped(@NestSession() session: Session | undefined) {
    return { there: session !== undefined };
  }

  @Get('readonly')
  @ReadonlySession()
  readonly(@CurrentSession() session: Session) {
    return { cart: session.get('cart') ?? null };
  }

  @Get('readonly-set')
  @ReadonlySession()
  readonlySet(@CurrentSession() session: Session) {
    session.set('cart', 'changed');
    return 'set';
  }

  @Get('untouching')
  @UseSession({ touch: false })
  untouching(@CurrentSession() session: Session) {
    return { isNew: session.isNew };
  }

  @Get('hasty')
  @UseSession({ idleTimeout: 30 })
  hasty(@CurrentSession() session: Session) {
    return { isNew: session.isNew };
  }

  @Get('lenient')
  @UseSession({ onStoreDown: 'anonymous' })
  lenient(@CurrentSession() session: Session) {
    return { isNew: session.isNew };
  }

  @Get('subject')
  subject(@CurrentSubject() subject: string | undefined) {
    return { subject: subject ?? null };
  }
}

/** What only some may do. */
@Controller('guarded')
@UseGuards(SessionGuard)
export class Guarded {
  @Get('subject')
  subject() {
    return 'in';
  }

  @Get('anyone')
  @RequireSession({ subject: false })
  anyone() {
    return 'in';
  }

  @Get('fresh')
  @RequireSession({ fresh: 60 })
  fresh() {
    return 'in';
  }

  @Get('keys')
  @RequireSession({ subject: false, keys: ['cart', 'address'] })
  keys() {
    return 'in';
  }

  @Get('skipped')
  @SkipSession()
  skipped() {
    return 'in';
  }
}

@Controller('csrf')
@UseGuards(SessionCsrfGuard)
export class Forms {
  @Get('token')
  token(@CsrfToken() token: string) {
    return { token };
  }

  @Post('form')
  form() {
    return 'in';
  }

  @Post('hook')
  @SkipSession()
  hook() {
    return 'in';
  }
}

/** Every cache limiter, and handlers that have their own mind. */
@Controller('cache')
export class Cached {
  @Get('default')
  byDefault(@CurrentSession() session: Session) {
    return session.isNew;
  }

  @Get('nocache')
  @CacheLimiter('nocache')
  nocache(@CurrentSession() session: Session) {
    return session.isNew;
  }

  @Get('private')
  @CacheLimiter('private')
  private(@CurrentSession() session: Session) {
    return session.isNew;
  }

  @Get('private_no_expire')
  @CacheLimiter('private_no_expire')
  privateNoExpire(@CurrentSession() session: Session) {
    return session.isNew;
  }

  @Get('public')
  @CacheLimiter('public')
  public(@CurrentSession() session: Session) {
    return session.isNew;
  }

  @Get('none')
  @CacheLimiter('none')
  none(@CurrentSession() session: Session) {
    return session.isNew;
  }

  @Get('own')
  @Header('Cache-Control', 'private, max-age=5')
  own(@CurrentSession() session: Session) {
    return session.isNew;
  }

  @Get('vary')
  @Header('Vary', 'Accept')
  vary(@CurrentSession() session: Session) {
    return session.isNew;
  }

  @Get('vary-cookie')
  @Header('Vary', 'Accept, cookie')
  varyCookie(@CurrentSession() session: Session) {
    return session.isNew;
  }

  @Get('untouched')
  @CacheLimiter('public')
  untouched() {
    return 'untouched';
  }
}
