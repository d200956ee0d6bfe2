import { Controller, Get, HttpCode, Post, UseGuards } from '@nestjs/common';
import { CurrentSession, Session, SessionGuard, SessionService } from 'nestjs-session-crypto';

declare module 'nestjs-session-crypto' {
  interface SessionData {
    cart: string[];
  }
}

@Controller()
export class VisitorController {
  constructor(private readonly sessions: SessionService) {}

  @Post('login')
  @HttpCode(204)
  async login(@CurrentSession() session: Session): Promise<void> {
    await session.login('ada');
    session.set('cart', ['tea']);
  }

  @Get('cart')
  @UseGuards(SessionGuard)
  async cart(@CurrentSession() session: Session): Promise<object> {
    const same = (await this.sessions.current()) === session;
    const cart: readonly string[] | undefined = session.get('cart');
    return { subject: session.subject, cart, same };
  }

  @Post('logout')
  @HttpCode(204)
  async logout(@CurrentSession() session: Session): Promise<void> {
    await session.logout();
  }
}
