import { Controller, Get, UseGuards } from '@nestjs/common';
import { CurrentSession, CurrentSubject, Session, SessionGuard } from 'nestjs-session-crypto';
import { Page } from '../pages/page.js';
import { UsersService } from '../users/users.service.js';
import { homePage } from './home.page.js';

@Controller()
export class HomeController {
  constructor(private readonly users: UsersService) {}

  @Get()
  @UseGuards(SessionGuard)
  async show(@CurrentSession() session: Session, @CurrentSubject() subject: string): Promise<Page> {
    const user = await this.users.findOne(subject);
    return new Page({ title: 'Home', main: homePage(session, user?.name ?? subject) });
  }
}
