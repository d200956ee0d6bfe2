import { Body, Controller, Get, HttpStatus, Post, Query, Redirect, UseGuards } from '@nestjs/common';
import { CurrentSession, Session, SessionCsrfGuard, SessionGuard } from 'nestjs-session-crypto';
import { MENU } from '../pages/layout.js';
import { Page } from '../pages/page.js';
import type { ShopSession } from '../shop-session.interface.js';
import { findUser } from '../users/demo-users.js';
import { loginPage } from './login.page.js';

const SEE_OTHER = HttpStatus.SEE_OTHER;

/** Whoever is not logged in has no session yet, and a token in the form would begin one for every passer-by. So here
 *  the guard goes by what the browser says: Sec-Fetch-Site or Origin. */
@Controller()
@UseGuards(SessionCsrfGuard)
export class LoginController {
  @Get('login')
  show(@Query('next') next: unknown, @Query('why') why: unknown): Page {
    return new Page({ title: 'Log in', main: loginPage(ownPath(next), why) });
  }

  @Post('login')
  @Redirect()
  async login(
    @Body() { user: id, password, next }: Record<string, unknown>,
    @CurrentSession() session: Session<ShopSession>,
  ) {
    const user = findUser(id, password);
    if (!user) return { url: `/login?why=refused&next=${ownPath(next)}`, statusCode: SEE_OTHER };
    await session.login(user.id);
    if (user.admin) session.set('admin', true);
    session.flash('notice', `Welcome, ${user.name}.`);
    return { url: ownPath(next), statusCode: SEE_OTHER };
  }

  @Post('logout')
  @UseGuards(SessionGuard)
  @Redirect('/login?why=left', SEE_OTHER)
  async logout(@CurrentSession() session: Session): Promise<void> {
    await session.logout();
  }
}

/** A page of ours, so that no link can lead elsewhere from here. */
const ownPath = (path: unknown): string =>
  typeof path === 'string' && Object.hasOwn(MENU, path) ? path : '/';
