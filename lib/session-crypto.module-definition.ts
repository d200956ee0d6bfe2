import { ConfigurableModuleBuilder, type DynamicModule } from '@nestjs/common';
import type { SessionCryptoOptions } from './options/options.interface.js';
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
