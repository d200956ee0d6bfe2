export type { ApacheCipherName } from './sealing/ciphers.js';
export type { ApacheEnvelopeOptions } from './sealing/envelope-options.js';
export { ApacheEnvelope, MAX_SEALED_LENGTH, type ApacheOpened } from './sealing/apache.envelope.js';
export {
  formatSessionText,
  MAX_SESSION_ENTRIES,
  mergeSessionText,
  parseSessionText,
  type SessionEntry,
  type SessionText,
  type SessionTextOptions,
} from './text/session-text.js';
export { apache, ApacheFormat } from './apache.format.js';
export type { ApacheAuthOptions, ApacheOptions } from './options.interface.js';
export type { ApacheSecretOption } from './sealing/passphrase-sources.js';
export { dbdStore, DbdStore, type DbdStoreOptions } from './dbd/dbd.store.js';
export { dbdTableSql } from './dbd/dbd-table.js';
export { fromApacheDirectives } from './from-directives/from-directives.js';
export type { FromDirectivesOptions } from './from-directives/options.interface.js';
export { formLogin, FormLoginKeys, type FormLogin } from './auth/form-login.js';
