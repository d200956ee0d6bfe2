import { ConfigurableModuleBuilder, type DynamicModule } from '@nestjs/common';
import type { ModuleArguments } from '../options/check-arguments.js';
import { DEFAULT_SESSION } from '../options/default-session.js';
import type { RememberMeExtras, RememberMeOptions } from './remember-me.options.js';
import { rememberMeProviders } from './remember-me.providers.js';
import { getRememberMeServiceToken } from './remember-me.tokens.js';

/** @internal */
export const ARGUMENTS: ModuleArguments = {
  module: 'RememberMeModule',
  example: "{ store: typeOrmStore({ table: 'remember_me' }) }",
  options: ['store', 'cookie', 'rolling', 'graceTime', 'onTheft', 'pruneInterval'],
  extras: ['session', 'isGlobal', 'mount'],
};

/** Injection token of the options as the application wrote them.
 *  @internal */
export const RAW_OPTIONS = Symbol.for('nestjs-session-crypto/remember-me/raw-options');
/** Injection token of the extras, complete.
 *  @internal */
export const EXTRAS = Symbol.for('nestjs-session-crypto/remember-me/extras');

const EXTRA_DEFAULTS: Required<RememberMeExtras> = { session: DEFAULT_SESSION, isGlobal: true, mount: true };

/** Adds the providers of the session that the extras name. Their tokens depend on that name. */
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
