import { Controller, Get, HttpStatus, Inject, Post, Redirect, UseGuards } from '@nestjs/common';
import {
  CsrfToken,
  CurrentSession,
  RequireSession,
  Session,
  SessionCsrfGuard,
  SessionGuard,
  SessionService,
} from 'nestjs-session-crypto';
import { sessionConfig, type SessionConfig } from '../config/session.config.js';
import { Page } from '../pages/page.js';
import { DEMO_USERS } from '../users/demo-users.js';
import { adminPage, NO_NUMBERS } from './admin.page.js';

/** For administrators who proved within the last ten minutes who they are. */
@Controller('admin')
@UseGuards(SessionGuard, SessionCsrfGuard)
@RequireSession({ keys: ['admin'], fresh: 600 })
export class AdminController {
  constructor(
    private readonly sessions: SessionService,
    @Inject(sessionConfig.KEY) private readonly config: SessionConfig,
  ) {}

  @Get()
  async show(@CsrfToken() csrf: string): Promise<Page> {
    if (this.config.store?.kind === 'cookie') return new Page({ title: 'Admin', main: NO_NUMBERS, csrf });
    const [count, users] = await Promise.all([this.sessions.count(), this.countUsers()]);
    return new Page({ title: 'Admin', main: adminPage(count, users, csrf), csrf });
  }

  @Post('prune')
  @Redirect('/admin', HttpStatus.SEE_OTHER)
  async prune(@CurrentSession() session: Session): Promise<void> {
    session.flash('notice', `Expired sessions that were removed: ${await this.sessions.prune()}.`);
  }

  private countUsers(): Promise<[name: string, count: number][]> {
    return Promise.all(
      DEMO_USERS.map(async ({ id, name }): Promise<[string, number]> => [
        name,
        (await this.sessions.list(id)).length,
      ]),
    );
  }
}
