import { cookieStore, type SessionCryptoOptions } from 'nestjs-session-crypto';
import { apache, dbdStore } from '../../../lib/apache/index.js';
import type { AdapterName } from '../../support/adapters.js';
import { Client, ScriptApp } from '../../support/script-app.js';
import { Visitor } from '../../support/visitor.js';
import { ALICE, USER_FILE } from './accounts.js';
import { echo } from './echo.js';
import { FORM_MODULES, formConfig, REALM } from './form.js';
import { startHttpd, type Httpd } from './httpd.mjs';
import { DBD_MODULES, sessionTable, type SessionTable } from './session-table.js';

export const STORES = ['cookie', 'dbd'] as const;
export type StoreName = (typeof STORES)[number];

/** The name of the cookie on both sides, whichever store it is. */
export const COOKIE = 'session';
export const SECRETS = ['the passphrase that seals', 'the one before'];

/** Seconds that httpd gives a session below `/short`. */
export const MAX_AGE = 600;

/** Seconds that Nest gives a session without a request. */
export const IDLE_TIMEOUT = 900;

/** One httpd and one Nest application that share their sessions. */
export class TwoSides {
  private constructor(
    readonly httpd: Httpd,
    readonly nest: ScriptApp,
    readonly table: SessionTable | undefined,
  ) {}

  static async start(adapter: AdapterName, storeName: StoreName): Promise<TwoSides> {
    const table = storeName === 'dbd' ? await sessionTable() : undefined;
    const httpd = await startHttpd({
      modules: [...echo.modules, ...FORM_MODULES, ...(table ? DBD_MODULES : [])],
      files: { ...echo.files, users: USER_FILE },
      config: httpdConfig(table),
    });
    const nest = await ScriptApp.start(nestOptions(table), adapter);
    return new TwoSides(httpd, nest, table);
  }

  browser(): SharedBrowser {
    return new SharedBrowser(this.httpd.url, this.nest.client());
  }

  async close(): Promise<void> {
    await this.nest?.close();
    await this.httpd?.stop();
    await this.table?.close();
  }
}

/** A browser that visits both sides with one jar of cookies. */
export class SharedBrowser extends Visitor {
  constructor(
    readonly httpd: string,
    readonly nest: Client,
  ) {
    super(httpd, nest.jar);
  }

  /** Another browser with the same cookies. */
  override copy(): SharedBrowser {
    return new SharedBrowser(this.httpd, this.nest.copy());
  }

  /** The text of the session that httpd shows its backend. */
  async text(path = '/echo'): Promise<string> {
    return (await this.get(path)).text;
  }

  /** What the backend behind httpd sees, but for what is only bookkeeping. */
  async entries(): Promise<Record<string, string>> {
    const { expiry: _expiry, _nsc, ...entries } = Object.fromEntries(new URLSearchParams(await this.text()));
    return entries;
  }

  /** The backend behind httpd merges this text into the session. */
  async merge(text: string, path = '/echo'): Promise<void> {
    await this.post(path, text);
  }

  /** All that Nest reads in the session. */
  async all(): Promise<unknown> {
    return this.nest.result((session) => session.all());
  }
}

function httpdConfig(table: SessionTable | undefined): string {
  const store = table
    ? `${table.config}SessionDBDCookieName ${COOKIE} path=/`
    : `SessionCookieName ${COOKIE} path=/`;
  return `${echo.config}
Session On
SessionCryptoPassphrase ${SECRETS.map((secret) => `"${secret}"`).join(' ')}
${store}
<Location /short>
SessionMaxAge ${MAX_AGE}
</Location>
<Location /before>
SessionCryptoPassphrase "${SECRETS[1]}"
</Location>
${formConfig}`;
}

const isAlice = (user: string, password: string) => user === ALICE.name && password === ALICE.password;

function nestOptions(table: SessionTable | undefined): SessionCryptoOptions {
  const store = table
    ? dbdStore({ dataSource: { type: 'postgres', url: table.url, poolSize: 4 }, table: table.name })
    : cookieStore();
  return {
    crypto: { format: apache({ secrets: SECRETS, auth: { name: REALM, verify: isAlice } }) },
    cookie: { name: COOKIE },
    session: { idleTimeout: IDLE_TIMEOUT },
    store,
  };
}
