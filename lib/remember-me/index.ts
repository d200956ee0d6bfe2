export type { RememberMeEvent } from './remember-me.events.js';
export { RememberMeModule } from './remember-me.module.js';
export { RememberMeService, type RememberedBrowser } from './remember-me.service.js';
export { getRememberMeServiceToken, InjectRememberMe } from './remember-me.tokens.js';
export type { RememberMeExtras, RememberMeOptions } from './remember-me.options.js';
