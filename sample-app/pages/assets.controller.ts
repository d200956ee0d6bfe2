import { Controller, Get, Header } from '@nestjs/common';
import { SkipSession } from 'nestjs-session-crypto';
import { ICON } from './icon.js';
import { STYLE } from './style.js';

/** Files that are the same for every visitor, so no session is loaded. */
@Controller()
@SkipSession()
export class AssetsController {
  @Get('style.css')
  @Header('Content-Type', 'text/css; charset=utf-8')
  @Header('Cache-Control', 'public, max-age=60')
  style(): string {
    return STYLE;
  }

  @Get('icon.svg')
  @Header('Content-Type', 'image/svg+xml')
  @Header('Cache-Control', 'public, max-age=3600')
  icon(): string {
    return ICON;
  }
}
