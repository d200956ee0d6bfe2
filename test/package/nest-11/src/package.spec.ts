import { Test } from '@nestjs/testing';
import { EntitySchema } from 'typeorm';
import {
  createSealer,
  memoryStore,
  OpensslDriver,
  SessionConfigError,
  SessionCryptoModule,
} from 'nestjs-session-crypto';
import { fromApacheDirectives } from 'nestjs-session-crypto/apache';
import { fromPhpIni } from 'nestjs-session-crypto/php';
import { RememberMeModule } from 'nestjs-session-crypto/remember-me';
import { driverContract, storeContract } from 'nestjs-session-crypto/testing';
import { sessionEntity, typeOrmStore } from 'nestjs-session-crypto/typeorm';

const secrets = ['raw:w4nQe0ZrmBfV7nKXo3m6yWQh1T9sJtUu2cPzLgAaXbE'];

describe('nestjs-session-crypto in Jest', () => {
  it('is CommonJS', () => {
    expect(require.resolve('nestjs-session-crypto')).toMatch(/cjs.index\.cjs$/);
  });

  it.each([
    ['openssl', 'aes256'],
    ['webcrypto', 'aes128'],
    ['sodium', 'chacha20'],
  ] as const)('seals and opens with driver %s', async (driver, cipher) => {
    const sealer = await createSealer({ secrets, driver, cipher });
    const opened = await sealer.open(await sealer.seal('tea', 'cart'), 'cart');
    expect(opened.toString()).toBe('tea');
    await sealer.close();
  });

  it('says what to install for a driver whose package is not there', async () => {
    const sealing = createSealer({ secrets, driver: 'nss' });
    await expect(sealing).rejects.toThrow(SessionConfigError);
    await expect(sealing).rejects.toThrow('npm install koffi');
  });

  it('says what Jest has to do for a package of ES modules', async () => {
    const module = SessionCryptoModule.forRoot({
      crypto: { secrets },
      store: memoryStore(),
      id: { sources: ['cookie', 'query'], transSid: true },
    });
    const started = Test.createTestingModule({ imports: [module] }).compile();
    await expect(started).rejects.toThrow('start Jest with node --experimental-vm-modules');
  });

  it('has the classes of the packages beside it', () => {
    expect(sessionEntity()).toBeInstanceOf(EntitySchema);
    expect(typeOrmStore().kind).toBe('postgres');
  });

  it('has one class of errors, whichever entry throws one', () => {
    expect(() => fromApacheDirectives('SessionCryptoPassphrase', {})).toThrow(SessionConfigError);
    expect(() => fromPhpIni('session.name = 1', { secrets })).toThrow(SessionConfigError);
    expect(RememberMeModule.name).toBe('RememberMeModule');
  });
});

describe('a store', () => {
  it.each(storeContract.map(({ title, run }) => [title, run] as const))('%s', async (_, run) => {
    await run(memoryStore());
  });
});

describe('a driver', () => {
  const driver = new OpensslDriver();
  const cases = driverContract.filter(({ applies }) => applies(driver));
  it.each(cases.map(({ title, run }) => [title, run] as const))('%s', (_, run) => run(driver));
});
