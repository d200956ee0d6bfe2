import {
  ConfigurableModuleBuilder,
  type ConfigurableModuleAsyncOptions,
  type DynamicModule,
} from '@nestjs/common';
import type { ModuleArguments } from './options/check-arguments.js';
import type { SessionCryptoOptions } from './options/options.interface.js';
import { OPTION_GROUPS } from './options/resolve-options.js';
import { sessionProviders } from './session.providers.js';
import { DEFAULT_SESSION } from './options/default-session.js';

/** Options that have to be known before the options of `forRootAsync` are resolved. */
export interface SessionCryptoExtras {
  /** True if other modules need not import this one. @default true */
  readonly isGlobal?: boolean;
  /** The name of this session, where an application has several. @default 'default' */
  readonly name?: string;
  /** False if the application applies `SessionService.middleware` itself. @default true */
  readonly mount?: boolean;
}

/** The argument of `forRootAsync`. A factory may return no option that {@link SessionCryptoOptions} does not have. */
export type SessionCryptoAsyncOptions<O extends SessionCryptoOptions = SessionCryptoOptions> = Omit<
  AsyncOptions,
  'useFactory'
> &
  SessionCryptoExtras & {
    readonly useFactory?: (
      ...args: Parameters<NonNullable<AsyncOptions['useFactory']>>
    ) => Exactly<O> | Promise<Exactly<O>>;
  };

type AsyncOptions = ConfigurableModuleAsyncOptions<SessionCryptoOptions, 'createSessionCryptoOptions'>;

/** An object without further members. */
type Exactly<O extends SessionCryptoOptions> = O & {
  readonly [K in Exclude<keyof O, keyof SessionCryptoOptions>]: never;
};

/** @internal */
export const ARGUMENTS: ModuleArguments = {
  module: 'SessionCryptoModule',
  example: '{ crypto: { secrets: [process.env.SESSION_SECRET] } }',
  options: OPTION_GROUPS,
  extras: ['isGlobal', 'name', 'mount'],
};

/** @internal */
export const RAW_OPTIONS = Symbol.for('nestjs-session-crypto/raw-options');
/** @internal */
export const EXTRAS = Symbol.for('nestjs-session-crypto/extras');

const EXTRA_DEFAULTS: Required<SessionCryptoExtras> = { isGlobal: true, name: DEFAULT_SESSION, mount: true };

function extend(definition: DynamicModule, extras: SessionCryptoExtras): DynamicModule {
  const complete: Required<SessionCryptoExtras> = { ...EXTRA_DEFAULTS, ...extras };
  const { providers, tokens } = sessionProviders(complete.name, RAW_OPTIONS);
  return {
    ...definition,
    global: complete.isGlobal,
    providers: [...(definition.providers ?? []), { provide: EXTRAS, useValue: complete }, ...providers],
    exports: [...(definition.exports ?? []), ...tokens],
  };
}

export const { ConfigurableModuleClass, OPTIONS_TYPE, ASYNC_OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<SessionCryptoOptions>({
    moduleName: 'SessionCrypto',
    optionsInjectionToken: RAW_OPTIONS,
  })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createSessionCryptoOptions')
    .setExtras<SessionCryptoExtras>({ isGlobal: true, name: DEFAULT_SESSION, mount: true }, extend)
    .build();
