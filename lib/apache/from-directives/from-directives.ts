import type { SessionCryptoOptions } from '../../options/options.interface.js';
import { readDirectives } from '../directives/read-directives.js';
import type { FromDirectivesOptions } from './options.interface.js';
import { OptionsMapper } from './options-mapper.js';

/** Turns an excerpt of httpd's configuration into options for `forRoot`.
 *
 *  HttpOnly, Secure and SameSite are always set, whatever attributes the excerpt lists. To send a cookie without one of
 *  them, say so: `{ ...options, cookie: { ...options.cookie, httpOnly: false } }`.
 *
 *  Throws a SessionConfigError that lists every fault with its line. No file is opened and no program is run before the
 *  module starts. */
export function fromApacheDirectives(
  text: string,
  options: FromDirectivesOptions = {},
): SessionCryptoOptions {
  return new OptionsMapper(readDirectives(text, options), options).options();
}
