import {
  Body,
  Controller,
  Get,
  HttpStatus,
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
} from 'nestjs-session-crypto';
import { Page } from '../pages/page.js';
import { devicesPage, NO_DEVICES } from './devices.page.js';
import { DevicesService } from './devices.service.js';
import { RevokeDeviceDto } from './revoke-device.dto.js';

@Controller('devices')
@UseGuards(SessionGuard, SessionCsrfGuard)
export class DevicesController {
  constructor(private readonly devices: DevicesService) {}

  @Get()
  async show(
    @CurrentSubject() subject: string,
    @CurrentSession() session: Session,
    @CsrfToken() csrf: string,
  ): Promise<Page> {
    if (!this.devices.canList) return new Page({ title: 'My devices', main: NO_DEVICES });
    const devices = await this.devices.list(subject);
    return new Page({ title: 'My devices', main: devicesPage(devices, session.id, csrf) });
  }

  @Post('revoke')
  @Redirect('/devices', HttpStatus.SEE_OTHER)
  async revoke(
    @Body() { id }: RevokeDeviceDto,
    @CurrentSubject() subject: string,
    @CurrentSession() session: Session,
  ): Promise<void> {
    if (!(await this.devices.revoke(subject, id))) throw new NotFoundException();
    session.flash('notice', 'That device is logged out.');
  }

  @Post('revoke-others')
  @Redirect('/devices', HttpStatus.SEE_OTHER)
  async revokeOthers(@CurrentSubject() subject: string, @CurrentSession() session: Session): Promise<void> {
    const ended = await this.devices.revokeOthers(subject, session.id);
    session.flash('notice', `Other devices that were logged out: ${ended}.`);
  }
}
