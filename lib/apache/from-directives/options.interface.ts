import type { IncomingMessage } from 'node:http';
import type { DataSourceOption } from '../dbd/data-source-option.js';
import type { DirectiveOptions } from '../directives/read-directives.js';
import type { ApacheAuthOptions } from '../options.interface.js';

/** Options of `fromApacheDirectives()`. */
export interface FromDirectivesOptions extends DirectiveOptions {
  /** The database that holds mod_session_dbd's table. httpd's `DBDParams` are not read.
   *  @default the default DataSource of `@nestjs/typeorm` */
  readonly dataSource?: DataSourceOption;
  /** Name of that table. @default the table that the statement of SessionDBDInsertLabel inserts into */
  readonly table?: string;
  /** Schema of that table. @default the one that the statement names, or else that of the DataSource */
  readonly schema?: string;
  /** Returns the authenticated user of a request; required for SessionDBDPerUser. */
  readonly perUser?: (request: IncomingMessage) => string | undefined;
  /** Verifies a user of mod_auth_form, who then is the session's subject; see `apache({ auth })`. */
  readonly verify?: NonNullable<ApacheAuthOptions['verify']>;
  /** Accept a user of mod_auth_form without a password. @default false */
  readonly trustUserKey?: boolean;
  /** Accept a SessionCryptoPassphraseFile that users other than its owner may read. @default false */
  readonly othersMayRead?: boolean;
}
