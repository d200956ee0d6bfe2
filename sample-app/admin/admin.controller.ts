import { Controller, Get, HttpStatus, Inject, Post, Redirect, UseGuards } from '@nestjs/common';
import {
  CsrfToken,
  CurrentSession,
  RequireSession,
  Session,
  SessionCsrfGuard,
  SessionService,
} from 'nestjs-session-crypto';
import { Roles } from '../auth/roles.guard.js';
import { appConfig, type AppConfig } from '../config/app.config.js';
import { FRESH, OPERATOR_GUARDS, OPERATORS } from '../ops/operators.js';
import { Page } from '../pages/page.js';
import { UsersService } from '../users/users.service.js';
import { adminPage, NO_NUMBERS, type UserRow } from './admin.page.js';

@Controller('admin')
@UseGuards(...OPERATOR_GUARDS, SessionCsrfGuard)
@Roles(OPERATORS)
@RequireSession(FRESH)
export class AdminController {
  constructor(
    private readonly sessions: SessionService,
    private readonly users: UsersService,
    @Inject(appConfig.KEY) private readonly config: AppConfig,
  ) {}

  @Get()
  async show(@CsrfToken() csrf: string): Promise<Page> {
    if (this.config.sessionStore === 'cookie') return new Page({ title: 'Admin', main: NO_NUMBERS });
    const [count, users] = await Promise.all([this.sessions.count(), this.countUsers()]);
    return new Page({ title: 'Admin', main: adminPage(count, users, csrf) });
  }

  @Post('prune')
  @Redirect('/admin', HttpStatus.SEE_OTHER)
  async prune(@CurrentSession() session: Session): Promise<void> {
    session.flash('notice', `Expired sessions that were removed: ${await this.sessions.prune()}.`);
  }

  private async countUsers(): Promise<UserRow[]> {
    const users = await this.users.findAll();
    return Promise.all(
      users.map(async ({ id, name }) => ({ name, sessions: (await this.sessions.list(id)).length })),
    );
  }
}
