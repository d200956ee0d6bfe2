import { kindOf, SessionConfigError, type ConfigFault } from '../../errors/session-config.error.js';
import { OptionReader } from '../../options/option-reader.js';
import { isAbsolute } from '../directives/server-root.js';
import type { FromDirectivesOptions } from './options.interface.js';

/** The path of the options in messages. */
const PATH = 'fromApacheDirectives()';

/** Throws a SessionConfigError with every fault of the options of `fromApacheDirectives()`. An option that is misspelt would
 *  be a fact about httpd that is silently lost. */
export function checkGivenOptions(options: FromDirectivesOptions): void {
  const faults: ConfigFault[] = [];
  const reader = new OptionReader(PATH, options, faults);
  checkServerRoot(reader);
  for (const key of ['defines', 'env']) checkTexts(reader, key);
  for (const key of ['include', 'perUser', 'verify']) checkFunction(reader, key);
  for (const key of ['trustUserKey', 'othersMayRead']) reader.choice(key, false, [true, false]);
  for (const key of ['table', 'schema']) reader.text(key, '', /^[^\0]+$/, 'a name');
  reader.choice('rules', '2.4', ['2.4', 'trunk']);
  const context = reader.choice<'server' | 'htaccess'>('context', 'server', ['server', 'htaccess']);
  checkPath(reader, context);
  checkModules(reader);
  reader.take('dataSource');
  reader.end();
  if (faults.length) throw new SessionConfigError(faults);
}

function checkServerRoot(reader: OptionReader): void {
  const root = reader.take('serverRoot');
  if (root !== undefined && !(typeof root === 'string' && isAbsolute(root)))
    reader.addValueFault('serverRoot', root, "the absolute path of httpd's ServerRoot");
}

/** Checks an object of texts. Its values may be secrets, so a message names only their kind. */
function checkTexts(reader: OptionReader, key: string): void {
  const value = reader.take(key);
  if (value === undefined) return;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return reader.addFault(key, `is ${kindOf(value)}; allowed is an object of texts by name`);
  for (const [name, text] of Object.entries(value))
    if (typeof text !== 'string' && !(text === undefined && key === 'env'))
      reader.addFault(`${key}.${name}`, `is ${kindOf(text)}; allowed is a text`);
}

function checkFunction(reader: OptionReader, key: string): void {
  const value = reader.take(key);
  if (value !== undefined && typeof value !== 'function')
    reader.addFault(key, `is ${kindOf(value)}; allowed is a function`);
}

/** Checks `path`, which only a `.htaccess` file needs: a server's configuration has its own paths. */
function checkPath(reader: OptionReader, context: 'server' | 'htaccess'): void {
  const path = reader.text('path', '', /^\/[^?#\0]*$/, 'a URL path that begins with /, without ? and #');
  if (path && context === 'server')
    reader.addFault('path', "belongs to a .htaccess file; add context: 'htaccess', or remove it");
}

function checkModules(reader: OptionReader): void {
  reader.list('modules', 'names as <IfModule> uses them, such as "ssl_module"').forEach((name, i) => {
    if (typeof name !== 'string' || !name)
      reader.addFault(`modules[${i}]`, `is ${kindOf(name)}; allowed is the name of a module`);
  });
}
