import { Global, Inject, Injectable, Module, type ModuleMetadata } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import {
  createSealer,
  memoryStore,
  OpensslDriver,
  SessionConfigError,
  SessionCryptoModule,
  type CryptoOptions,
  type DriverOption,
  type SessionCryptoOptions,
} from 'nestjs-session-crypto';
import { SECRET, startApp } from '../support/test-app.js';

const DRIVER = Symbol('DRIVER');
const VAULT = Symbol('VAULT');
const made: CountingDriver[] = [];

/** OpenSSL that counts, made with what the container gives. */
@Injectable()
class CountingDriver extends OpensslDriver {
  imports = 0;
  closed = 0;
  constructor(@Inject(VAULT) readonly vault: string) {
    super();
    made.push(this);
  }
  override importKey(bytes: Uint8Array) {
    this.imports++;
    return super.importKey(bytes);
  }
  close(): void {
    this.closed++;
  }
}

/** What a driver needs, not there at once. */
const later = () => new Promise<string>((resolve) => setImmediate(resolve, 'open'));

@Global()
@Module({ providers: [{ provide: VAULT, useFactory: () => later() }], exports: [VAULT] })
class VaultModule {}

@Global()
@Module({
  imports: [VaultModule],
  providers: [
    {
      provide: DRIVER,
      inject: [VAULT],
      useFactory: async (vault: string) => {
        await later();
        return new CountingDriver(vault);
      },
    },
  ],
  exports: [DRIVER],
})
class DriverModule {}

@Global()
@Module({ imports: [VaultModule], providers: [CountingDriver], exports: [CountingDriver] })
class ClassModule {}

const optionsWith = (driver: DriverOption): SessionCryptoOptions => ({
  crypto: { secrets: [SECRET], driver },
  store: memoryStore(),
});

async function start(driver: DriverOption, imports: ModuleMetadata['imports'] = [], more = {}) {
  made.length = 0;
  return startApp({ session: { ...optionsWith(driver), ...more }, imports });
}

describe('a driver that the application provides', () => {
  it('under a symbol is waited for, used and left to the container', async () => {
    const app = await start(DRIVER, [DriverModule]);
    const [driver] = made;
    expect([made.length, driver!.vault, driver!.imports > 0]).toEqual([1, 'open', true]);
    await app.close();
    expect(driver!.closed).toBe(0);
  });

  it('is seen in the imports of forRootAsync() too', async () => {
    made.length = 0;
    @Module({ imports: [VaultModule], providers: [CountingDriver], exports: [CountingDriver] })
    class LocalModule {}
    const session = SessionCryptoModule.forRootAsync({
      imports: [LocalModule],
      useFactory: () => optionsWith(CountingDriver),
    });
    const { app } = await startApp({ imports: [session] });
    expect(made).toEqual([app.get(CountingDriver, { strict: false })]);
    expect(made[0]!.imports).toBeGreaterThan(0);
  });

  it('by its class is the one that is provided', async () => {
    const app = await start(CountingDriver, [ClassModule]);
    expect(made).toEqual([app.app.get(CountingDriver)]);
  });

  it('as a class without a provider is made with what it asks for, and closed with the application', async () => {
    const app = await start(CountingDriver, [VaultModule]);
    const [driver] = made;
    expect([made.length, driver!.vault]).toEqual([1, 'open']);
    await app.close();
    expect(driver!.closed).toBe(1);
  });

  it('is one for all contexts', async () => {
    const contexts = [{ path: '/a', cookie: { name: 'a' }, crypto: { audience: 'a' } }];
    const app = await start(CountingDriver, [VaultModule], { contexts });
    expect(made).toHaveLength(1);
    await app.close();
    expect(made[0]!.closed).toBe(1);
  });

  it('is closed again where the start fails after it', async () => {
    const secrets = [() => Promise.reject(new Error('no vault'))];
    const crypto: CryptoOptions = { secrets, driver: CountingDriver };
    await expect(start(CountingDriver, [VaultModule], { crypto })).rejects.toThrow(SessionConfigError);
    expect(made[0]!.closed).toBe(1);
  });

  it('is closed with the application, also where a store cannot be', async () => {
    const store = memoryStore();
    Object.assign(store, { close: () => Promise.reject(new Error('no store')) });
    const app = await start(CountingDriver, [VaultModule], { store });
    await app.close();
    expect(made[0]!.closed).toBe(1);
  });

  it('that cannot be closed hides nothing of what stopped the start', async () => {
    class Stuck extends OpensslDriver {
      close = () => Promise.reject(new Error('stuck'));
    }
    const secrets = [() => Promise.reject(new Error('no vault'))];
    const crypto: CryptoOptions = { secrets, driver: Stuck };
    await expect(start(Stuck, [], { crypto })).rejects.toThrow(SessionConfigError);
    await expect(createSealer(crypto)).rejects.toThrow(SessionConfigError);
  });

  it('stops the start where nothing is provided, and says where it is looked for', async () => {
    await expect(start(DRIVER)).rejects.toMatchObject({
      faults: [
        {
          path: 'crypto.driver',
          message: expect.stringMatching(/^Symbol\(DRIVER\) has no provider .*global module/),
        },
      ],
    });
  });
});

describe('createSealer', () => {
  class Closing extends OpensslDriver {
    static closed = 0;
    close(): void {
      Closing.closed++;
    }
  }

  it('makes a class and closes it', async () => {
    const sealer = await createSealer({ secrets: [SECRET], driver: Closing });
    expect((await sealer.open(await sealer.seal('text'))).toString()).toBe('text');
    await sealer.close();
    expect(Closing.closed).toBe(1);
  });

  it('has no container to ask for a symbol', async () => {
    await expect(createSealer({ secrets: [SECRET], driver: DRIVER })).rejects.toThrow(/has no provider/);
  });

  it('refuses a driver that turns out to have no such cipher', async () => {
    class Chacha extends OpensslDriver {
      override readonly ciphers = ['chacha20'];
    }
    await expect(createSealer({ secrets: [SECRET], driver: Chacha })).rejects.toMatchObject({
      faults: [{ path: 'crypto.driver', message: '"openssl" has no aes256 here; it has chacha20' }],
    });
  });
});
