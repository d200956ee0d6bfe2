import { Controller, Get } from '@nestjs/common';
import { CurrentSession, type Session } from 'nestjs-session-crypto';
import { startApp, type SessionPlan, type TestApp } from './test-app.js';

@Controller()
class CountController {
  @Get()
  count(@CurrentSession() session: Session): string {
    const count = Number(session.get('count') ?? 0) + 1;
    session.set('count', String(count));
    return String(count);
  }
}

/** An application that counts visits, over plain http. */
export const startCounter = (session: SessionPlan): Promise<TestApp> =>
  startApp({
    session: { ...session, cookie: { ...session.cookie, secure: false } },
    controllers: [CountController],
  });
