// What an application writes, checked with `skipLibCheck: false` where none of the optional packages is installed.
import { Controller, Get, UseGuards } from '@nestjs/common';
import {
  cookieStore,
  CurrentSession,
  Session,
  SessionCryptoModule,
  SessionGuard,
  SessionService,
  type SessionEventMap,
  type SessionStore,
} from 'nestjs-session-crypto';
import { apache } from 'nestjs-session-crypto/apache';
import { fileStore } from 'nestjs-session-crypto/php';
import { RememberMeModule } from 'nestjs-session-crypto/remember-me';
import { storeContract } from 'nestjs-session-crypto/testing';

declare module 'nestjs-session-crypto' {
  interface SessionData {
    cart: string[];
  }
}

export function cartOf(session: Session): readonly string[] {
  // @ts-expect-error: a cart is no number
  session.set('cart', 1);
  // @ts-expect-error: nobody declared this key
  session.get('basket');
  return session.get('cart') ?? [];
}

@Controller()
@UseGuards(SessionGuard)
export class CartController {
  constructor(private readonly sessions: SessionService) {}

  @Get()
  async cart(@CurrentSession() session: Session): Promise<readonly string[]> {
    return cartOf((await this.sessions.current()) ?? session);
  }
}

export class WaryGuard extends SessionGuard {}

export const stores: SessionStore[] = [fileStore({ path: '/var/lib/sessions' })];
export const imports = [
  SessionCryptoModule.forRoot({
    crypto: { secrets: ['a passphrase for this test'], accept: [apache({ secrets: ['old'] })] },
    store: cookieStore(),
  }),
  RememberMeModule,
];
/** An event that `./remember-me` adds. */
export const seriesOf = ({ series }: SessionEventMap['remembered']): string => series;
export const cases = storeContract.map(({ title }) => title);
/** Its type is not imported here, so TypeScript has to name where it is. */
export const devicesOf = (sessions: SessionService) => sessions.list('ada');
