export { DIRECTIVES, type Directive } from './directive-table.js';
export { readDirectives, type DirectiveOptions } from './read-directives.js';
export type { CookieAttributes } from './cookie-attributes.js';
export type {
  DirectiveContext,
  DirectiveModel,
  EffectiveConfig,
  Finding,
  PathPrefix,
  SettingLines,
  Settings,
  WrittenCookie,
  WrittenDbd,
  WrittenDriver,
} from './model.interface.js';
export type { PassphraseSource, WrittenFile, WrittenPassphrase, WrittenProgram } from './passphrase.js';
