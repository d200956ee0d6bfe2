export type { ApacheCipherName } from './sealing/apache-cipher.js';
export type { ApacheEnvelopeOptions } from './sealing/apache-envelope-options.js';
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
export { apache, ApacheFormat, type ApacheOptions } from './apache.format.js';
export type { ApacheSecretOption } from './sealing/apache-secrets.js';
export { dbdStore, DbdStore, type DbdStoreOptions } from './dbd/dbd.store.js';
export { dbdTableSql } from './dbd/dbd-table.js';
export { fromApacheDirectives, type FromDirectivesOptions } from './from-directives.js';
export { formLogin, FormLoginKeys, type FormLogin } from './auth/form-login.js';
