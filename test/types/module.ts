// What `forRoot` and `forRootAsync` accept, checked by the three compilers of `npm run check:types`.
import { cookieStore, SessionCryptoModule, type SessionCryptoOptions } from 'nestjs-session-crypto';

const crypto = { secrets: ['a passphrase for this test'] };
declare const made: SessionCryptoOptions;
class Factory {
  createSessionCryptoOptions(): SessionCryptoOptions {
    return { crypto };
  }
}

export const accepted = [
  SessionCryptoModule.forRoot({ crypto, name: 'admin', mount: false }),
  SessionCryptoModule.forRootAsync({ useFactory: () => ({ crypto, cookie: { sameSite: 'strict' } }) }),
  SessionCryptoModule.forRootAsync({ name: 'admin', isGlobal: false, mount: true, useFactory: () => made }),
  SessionCryptoModule.forRootAsync({
    imports: [],
    inject: ['config'],
    useFactory: async (secret: string) => ({ crypto: { secrets: [secret] }, store: cookieStore() }),
  }),
  SessionCryptoModule.forRootAsync({ useFactory: (dev: boolean) => (dev ? { crypto } : made) }),
  SessionCryptoModule.forRootAsync({ useFactory: () => ({ crypto, session: { load: 'eager' } }) }),
  SessionCryptoModule.forRootAsync({ useClass: Factory }),
  SessionCryptoModule.forRootAsync({ useExisting: Factory }),
];

export const refused = [
  // @ts-expect-error: an unknown option
  SessionCryptoModule.forRoot({ crypto, cokie: {} }),
  // @ts-expect-error: an unknown member
  SessionCryptoModule.forRootAsync({ nmae: 'admin', useFactory: () => ({ crypto }) }),
  // @ts-expect-error: options belong into the factory's result
  SessionCryptoModule.forRootAsync({ cookie: {}, useFactory: () => ({ crypto }) }),
  // @ts-expect-error: an unknown option from a factory
  SessionCryptoModule.forRootAsync({ useFactory: () => ({ crypto, cokie: {} }) }),
  // @ts-expect-error: an unknown option from an asynchronous factory
  SessionCryptoModule.forRootAsync({ useFactory: async () => ({ crypto, maxAge: 1 }) }),
  // @ts-expect-error: the name stands beside the factory
  SessionCryptoModule.forRootAsync({ useFactory: () => ({ crypto, name: 'admin' }) }),
  // @ts-expect-error: a wrong value
  SessionCryptoModule.forRootAsync({ useFactory: () => ({ crypto, cookie: { sameSite: 'Lax' } }) }),
  // @ts-expect-error: no options
  SessionCryptoModule.forRoot(),
  // @ts-expect-error: no factory
  SessionCryptoModule.forRootAsync(),
];
