import { cookieStore, SessionConfigError, SessionCryptoModule } from 'nestjs-session-crypto';
import { RememberMeModule } from 'nestjs-session-crypto/remember-me';
import { describe, expect, it } from 'vitest';

type Call = (options?: unknown) => unknown;

const faultsOf = (call: () => unknown): string[] => {
  try {
    call();
    return [];
  } catch (error) {
    return (error as SessionConfigError).faults.map(({ path, message }) => `${path}: ${message}`);
  }
};

const loose = (module: object) => module as unknown as { forRoot: Call; forRootAsync: Call };
const MODULES = [
  { name: 'SessionCryptoModule', ...bound(SessionCryptoModule), example: '{ crypto: { secrets: [' },
  { name: 'RememberMeModule', ...bound(RememberMeModule), example: '{ store: typeOrmStore({ table:' },
];

function bound(module: object): { forRoot: Call; forRootAsync: Call } {
  return {
    forRoot: (...args) => loose(module).forRoot(...args),
    forRootAsync: (...args) => loose(module).forRootAsync(...args),
  };
}

describe.each(MODULES)('$name', ({ name, forRoot, forRootAsync, example }) => {
  it.each([
    [undefined, 'got undefined'],
    [null, 'got null'],
    ['secret', 'got a string'],
    [[], 'got an empty array'],
  ])('shows what forRoot() needs when it gets %j', (given, found) => {
    const [fault] = faultsOf(() => forRoot(given));
    expect(fault).toContain(`${name}.forRoot(): ${found}; write ${name}.forRoot(${example}`);
  });

  it('names forRootAsync() for a factory', () => {
    expect(faultsOf(() => forRoot(() => ({})))[0]).toMatch(
      /got a function.*forRootAsync\(\{ useFactory \}\)/,
    );
    expect(faultsOf(() => forRoot({ useFactory: () => ({}) }))).toEqual([
      `useFactory: belongs to ${name}.forRootAsync({ useFactory })`,
    ]);
  });

  it.each([
    [undefined, /got undefined; write .*useFactory/],
    [{}, /has none of useFactory, useClass, useExisting; write/],
    [{ useFactory: {} }, /^useFactory: is an object; allowed is a function/],
    [{ useClass: 'Options' }, /^useClass: is a string; allowed is a class/],
  ])('shows what forRootAsync() needs when it gets %j', (given, message) => {
    const faults = faultsOf(() => forRootAsync(given));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(message);
  });

  it('lists every member that Nest would ignore, with what was meant', () => {
    const faults = faultsOf(() =>
      forRootAsync({ isGlobl: true, cookie: {}, useFactorry: 1, whatever: 1, useFactory: () => ({}) }),
    );
    expect(faults).toEqual([
      'isGlobl: is unknown to forRootAsync(); is "isGlobal" meant?',
      expect.stringMatching(/^cookie: belongs into the object that useFactory returns/),
      'useFactorry: is unknown to forRootAsync(); is "useFactory" meant?',
      expect.stringMatching(
        /^whatever: is unknown to forRootAsync\(\); known are imports, inject, useFactory/,
      ),
    ]);
  });
});

describe('SessionCryptoModule', () => {
  it('takes every member that it knows', () => {
    const useFactory = () => ({ crypto: { secrets: [] }, store: cookieStore() });
    const members = {
      imports: [],
      inject: [],
      provideInjectionTokensFrom: [],
      name: 'a',
      isGlobal: false,
      mount: false,
    };
    expect(SessionCryptoModule.forRootAsync({ ...members, useFactory })).toMatchObject({ global: false });
    class Options {
      createSessionCryptoOptions = useFactory;
    }
    for (const way of [{ useClass: Options }, { useExisting: Options }])
      expect(SessionCryptoModule.forRootAsync(way)).toMatchObject({ global: true });
  });
});
