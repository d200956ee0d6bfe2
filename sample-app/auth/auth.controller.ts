import { Body, Controller, Get, Headers, HttpStatus, Post, Query, Redirect, UseGuards } from '@nestjs/common';
import { CurrentSession, Session, SessionCsrfGuard, SessionGuard } from 'nestjs-session-crypto';
import { DevicesService } from '../devices/devices.service.js';
import { PageException } from '../pages/page.exception.js';
import { Page } from '../pages/page.js';
import type { ShopSession } from '../session/shop-session.interface.js';
import { UsersService } from '../users/users.service.js';
import { LoginDto, LoginPageDto } from './login.dto.js';
import { loginPage } from './login.page.js';

/** The login form holds no token: a visitor has no session yet, and a token would begin one for everybody who passes
 *  by. The guard judges it by what the browser says in Sec-Fetch-Site or Origin. */
@Controller()
@UseGuards(SessionCsrfGuard)
export class AuthController {
  constructor(
    private readonly users: UsersService,
    private readonly devices: DevicesService,
  ) {}

  @Get('login')
  show(@Query() { next, why }: LoginPageDto): Page {
    return new Page({ title: 'Log in', main: loginPage({ next, left: why === 'left' }) });
  }

  @Post('login')
  @Redirect()
  async login(
    @Body() { user: name, password, next }: LoginDto,
    @Headers('user-agent') userAgent: string | undefined,
    @CurrentSession() session: Session<ShopSession>,
  ) {
    const user = await this.users.verify(name, password);
    if (!user)
      throw new PageException(HttpStatus.UNAUTHORIZED, {
        title: 'Log in',
        main: loginPage({ next, refused: name }),
      });
    await session.login(user.id);
    session.flash('notice', `Welcome, ${user.name}.`);
    await this.devices.remember(session, userAgent);
    return { url: next, statusCode: HttpStatus.SEE_OTHER };
  }

  @Post('logout')
  @UseGuards(SessionGuard)
  @Redirect('/login?why=left', HttpStatus.SEE_OTHER)
  async logout(@CurrentSession() session: Session): Promise<void> {
    await session.logout();
  }
}
