import {
  Body,
  Controller,
  Get,
  HttpStatus,
  Inject,
  NotFoundException,
  Post,
  Redirect,
  UseGuards,
} from '@nestjs/common';
import {
  CsrfToken,
  CurrentSession,
  CurrentSubject,
  Session,
  SessionCsrfGuard,
  SessionGuard,
  SessionService,
} from 'nestjs-session-crypto';
import { sessionConfig, type SessionConfig } from '../config/session.config.js';
import { Page } from '../pages/page.js';
import { devicesPage, NO_DEVICES } from './devices.page.js';

@Controller('devices')
@UseGuards(SessionGuard, SessionCsrfGuard)
export class DevicesController {
  constructor(
    private readonly sessions: SessionService,
    @Inject(sessionConfig.KEY) private readonly config: SessionConfig,
  ) {}

  @Get()
  async show(
    @CurrentSubject() subject: string,
    @CurrentSession() session: Session,
    @CsrfToken() csrf: string,
  ): Promise<Page> {
    if (this.config.store?.kind === 'cookie')
      return new Page({ title: 'My devices', main: NO_DEVICES, csrf });
    const devices = await this.sessions.list(subject);
    return new Page({ title: 'My devices', main: devicesPage(devices, session.id, csrf), csrf });
  }

  /** An id names a session whoever it belongs to, so it has to be one of the subject's own. */
  @Post('revoke')
  @Redirect('/devices', HttpStatus.SEE_OTHER)
  async revoke(
    @Body('id') id: unknown,
    @CurrentSubject() subject: string,
    @CurrentSession() session: Session,
  ): Promise<void> {
    const device = (await this.sessions.list(subject)).find((own) => own.id === id);
    if (!device) throw new NotFoundException();
    await this.sessions.revoke(device.id);
    session.flash('notice', 'That device is logged out.');
  }

  @Post('revoke-others')
  @Redirect('/devices', HttpStatus.SEE_OTHER)
  async revokeOthers(@CurrentSubject() subject: string, @CurrentSession() session: Session): Promise<void> {
    const ended = await this.sessions.revokeSubject(subject, { except: session.id });
    session.flash('notice', `Other devices that were logged out: ${ended}.`);
  }
}
