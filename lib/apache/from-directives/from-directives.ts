import type { SessionCryptoOptions } from '../../options/options.interface.js';
import { Diagnostics } from '../directives/diagnostics.js';
import { collectDirectives } from '../directives/read-directives.js';
import type { FromDirectivesOptions } from './options.interface.js';
import { checkGivenOptions } from './given-options.js';
import { reportCaps } from './caps.js';
import { checkStatements } from './check-statements.js';
import { addOptionFaults } from './option-faults.js';
import { OptionsMapper } from './options-mapper.js';

/** Turns an excerpt of httpd's configuration into options for `forRoot`.
 *
 *  HttpOnly, Secure and SameSite are always set, whatever attributes the excerpt lists. To send a cookie without one of
 *  them, say so: `{ ...options, cookie: { ...options.cookie, httpOnly: false } }`.
 *
 *  Throws a SessionConfigError that lists every fault of the text with its line. Throws one that names the options if
 *  `options` are wrong. No file is opened and no program is run before the module starts. */
export function fromApacheDirectives(
  text: string,
  options: FromDirectivesOptions = {},
): SessionCryptoOptions {
  checkGivenOptions(options);
  const diagnostics = new Diagnostics();
  const model = collectDirectives(text, options, diagnostics);
  reportCaps(model, diagnostics);
  checkStatements(model, options, diagnostics);
  const mapped = new OptionsMapper(model, options, diagnostics).options();
  addOptionFaults(mapped, model, diagnostics);
  diagnostics.throwFaults();
  return mapped;
}
