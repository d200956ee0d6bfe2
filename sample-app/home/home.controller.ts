import { Controller, Get, UseGuards } from '@nestjs/common';
import { CsrfToken, CurrentSession, Session, SessionGuard } from 'nestjs-session-crypto';
import { Page } from '../pages/page.js';
import { homePage } from './home.page.js';

@Controller()
export class HomeController {
  @Get()
  @UseGuards(SessionGuard)
  show(@CurrentSession() session: Session, @CsrfToken() csrf: string): Page {
    return new Page({ title: 'Home', main: homePage(session), csrf });
  }
}
