import { ConfigurableModuleBuilder, type DynamicModule } from '@nestjs/common';
import { DEFAULT_SESSION } from '../options/default-session.js';
import type { RememberMeExtras, RememberMeOptions } from './remember-me.options.js';
import { rememberMeProviders } from './remember-me.providers.js';
import { getRememberMeServiceToken } from './remember-me.tokens.js';

/** @internal */
export const RAW_OPTIONS = Symbol.for('nestjs-session-crypto/remember-me/raw-options');
/** @internal */
export const EXTRAS = Symbol.for('nestjs-session-crypto/remember-me/extras');

const EXTRA_DEFAULTS: Required<RememberMeExtras> = { session: DEFAULT_SESSION, isGlobal: true, mount: true };

function extend(definition: DynamicModule, extras: RememberMeExtras): DynamicModule {
  const complete: Required<RememberMeExtras> = { ...EXTRA_DEFAULTS, ...extras };
  return {
    ...definition,
    global: complete.isGlobal,
    providers: [
      ...(definition.providers ?? []),
      { provide: EXTRAS, useValue: complete },
      ...rememberMeProviders(complete.session, RAW_OPTIONS),
    ],
    exports: [...(definition.exports ?? []), getRememberMeServiceToken(complete.session)],
  };
}

export const { ConfigurableModuleClass, OPTIONS_TYPE, ASYNC_OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<RememberMeOptions>({
    moduleName: 'RememberMe',
    optionsInjectionToken: RAW_OPTIONS,
  })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createRememberMeOptions')
    .setExtras<RememberMeExtras>({ ...EXTRA_DEFAULTS }, extend)
    .build();
