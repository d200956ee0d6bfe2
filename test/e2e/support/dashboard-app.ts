import { Controller, Get, Injectable, Param, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { CurrentSession, memoryStore, type Session } from 'nestjs-session-crypto';
import { SessionDashboardModule, type SessionDashboardOptions } from 'nestjs-session-crypto/dashboard';
import type { AdapterName } from '../../support/adapters.js';
import type { Answer } from '../../support/ask.js';
import { startApp, type AppPlan, type TestApp } from '../../support/test-app.js';

export const PAGE = '/ops/sessions';
export const OPERATOR = { 'x-operator': 'grace' };

/** Admits whoever names himself in a header: a guard that needs no session. */
@Injectable()
export class OperatorGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return operatorIn(context.switchToHttp().getRequest<IncomingMessage>()) !== undefined;
  }
}

const operatorIn = ({ headers }: Pick<IncomingMessage, 'headers'>) =>
  headers['x-operator'] as string | undefined;

@Controller()
class VisitController {
  @Get('login/:name')
  async login(@CurrentSession() session: Session, @Param('name') name: string) {
    await session.login(name);
    return session.id;
  }

  @Get('logout')
  async logout(@CurrentSession() session: Session) {
    await session.logout();
    return 'done';
  }

  @Get('who')
  who(@CurrentSession() session: Session) {
    return { who: session.subject ?? null };
  }
}

/** An application with the dashboard, whose operators are known by a header. */
export const startDashboard = (
  options: Partial<SessionDashboardOptions> = {},
  { session, imports = [], ...plan }: AppPlan & { adapter?: AdapterName } = {},
): Promise<TestApp> =>
  startApp({
    session: { store: memoryStore(), ...session },
    imports: [
      SessionDashboardModule.register({ guard: OperatorGuard, actor: operatorIn, ...options }),
      ...imports,
    ],
    controllers: [VisitController],
    ...plan,
  });

/** The token in the forms of a page. */
export const tokenOf = ({ text }: Pick<Answer, 'text'>): string =>
  /name="token" value="([^"]+)"/.exec(text)![1]!;

/** What a reader sees, without markup. */
export const readable = ({ text }: Pick<Answer, 'text'>): string =>
  text
    .replace(/<(style|script)[^]*?<\/\1>/g, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ');

/** The text of the element with this id, up to the end of its card. */
export const partOf = ({ text }: Pick<Answer, 'text'>, id: string): string =>
  readable({ text: new RegExp(`<div id="${id}"[^]*?</section>`).exec(text)![0] });
