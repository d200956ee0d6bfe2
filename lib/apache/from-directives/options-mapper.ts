import type { ContextOptions, SessionCryptoOptions } from '../../options/options.interface.js';
import { lastClause } from '../../options/audit/last-clause.js';
import type { AuditFinding } from '../../stores/audit-finding.interface.js';
import { cookieStore } from '../../stores/cookie.store.js';
import type { SessionTable } from '../../stores/sql/table-place.js';
import { ApacheFormat } from '../apache.format.js';
import { DbdStore, type DbdStoreOptions } from '../dbd/dbd.store.js';
import { insertTarget } from '../directives/dbd-statement.js';
import { faultAt, quoted, type Diagnostics } from '../directives/diagnostics.js';
import type { DirectiveContext, DirectiveModel, EffectiveConfig } from '../directives/model.interface.js';
import type { PassphraseSource } from '../directives/passphrase-source.js';
import { isByUser, usesDbd } from '../directives/store-kind.js';
import type { ApacheAuthOptions } from '../options.interface.js';
import type { ApacheSecretOption } from '../sealing/passphrase-sources.js';
import { cookieOf, sessionOf } from './cookie-and-clocks.js';
import { checkHosts } from './check-hosts.js';
import { driverOptions } from './driver-options.js';
import type { FromDirectivesOptions } from './options.interface.js';
import { isSameFormat, isSameStore } from './shared-parts.js';

/** Turns the model of an excerpt into options of this module. */
export class OptionsMapper {
  /** Stores by table, so that places with the same table share one. */
  private readonly stores = new Map<string, DbdStore>();

  constructor(
    private readonly model: DirectiveModel,
    private readonly given: FromDirectivesOptions,
    private readonly diagnostics: Diagnostics,
  ) {}

  /** Returns the options. Adds a fault for each thing in the model that no option can express. */
  options(): SessionCryptoOptions {
    const driver = driverOptions(this.model.driver, this.diagnostics);
    const { server, contexts } = this.model;
    const base = baseOf(this.model);
    if (!base.enabled && !this.diagnostics.hasFaults)
      this.diagnostics.addFault(
        1,
        'no line switches sessions on; write "Session On" where there should be sessions',
      );
    return {
      crypto: { format: this.format(base, this.findings()), ...driver },
      cookie: cookieOf(base),
      session: sessionOf({ ...base, enabled: server.enabled }),
      store: this.store(base),
      contexts: contexts.map((context) => this.context(context, base)),
    };
  }

  /** Sets only what differs from `base`, so that keys and stores are shared. */
  private context(context: DirectiveContext, base: EffectiveConfig): ContextOptions {
    const { hosts, path, config } = context;
    checkHosts(context, this.diagnostics);
    const place = {
      ...(hosts.length && { host: hosts }),
      ...(path && { path }),
    };
    if (!config.enabled) return { ...place, session: { enabled: false } };
    return {
      ...place,
      session: sessionOf(config),
      cookie: cookieOf(config),
      ...(isSameFormat(config, base) ? {} : { crypto: { format: this.format(config) } }),
      ...(isSameStore(config, base) ? {} : { store: this.store(config) }),
    };
  }

  /** Returns a format for one place. The findings go to the first format only, so that the audit lists them once. */
  private format(config: EffectiveConfig, findings: AuditFinding[] = []): ApacheFormat {
    const { rules } = this.given;
    const auth = this.auth(config);
    return new ApacheFormat(
      {
        secrets: config.passphrases.map((source) => this.secret(source)),
        cipher: config.cipher,
        env: config.env,
        cookieRemove: usesDbd(config) ? config.dbdCookieRemove : config.cookieRemove,
        ...(rules && { rules }),
        ...(config.header && { header: config.header }),
        ...(auth && { auth }),
      },
      findings,
      config.passphrases.map(({ line }) => line),
    );
  }

  /** Returns the form login, if the place has one and the caller says how to check its users. */
  private auth({ authName, authType }: EffectiveConfig): ApacheAuthOptions | undefined {
    const { verify, trustUserKey } = this.given;
    if (!authName || authType?.toLowerCase() !== 'form' || !(verify || trustUserKey)) return undefined;
    return { name: authName, ...(verify && { verify }), ...(trustUserKey && { trustUserKey }) };
  }

  /** Returns the option of a passphrase. Files are read and programs are run when the module starts. */
  private secret(source: PassphraseSource): ApacheSecretOption {
    if (source.kind === 'passphrase') return { passphrase: source.text };
    if (source.kind === 'exec') return { exec: source.command as [string, ...string[]] };
    const { path, serverRoot } = source;
    return {
      passphraseFile: path,
      othersMayRead: this.given.othersMayRead ?? false,
      ...(serverRoot !== undefined && { serverRoot }),
    };
  }

  /** Returns a store for one place. httpd finds sessions by user only if there is no cookie for the database. */
  private store(config: EffectiveConfig) {
    if (!usesDbd(config)) return cookieStore();
    const { dataSource, perUser } = this.given;
    const byUser = isByUser(config);
    if (byUser && !perUser)
      this.diagnostics.addFault(
        config.lines.dbdPerUser ?? 1,
        'SessionDBDPerUser finds sessions by user; give fromApacheDirectives() the option perUser(request)',
      );
    const place = this.placeOf(config);
    const name = JSON.stringify([place, byUser]);
    const options: DbdStoreOptions = {
      ...(dataSource && { dataSource }),
      ...place,
      ...(byUser && perUser && { perUser }),
    };
    if (!this.stores.has(name)) this.stores.set(name, new DbdStore(options));
    return this.stores.get(name)!;
  }

  /** Returns the table of the option `table`, or else the one that the administrator's own SQL inserts into. */
  private placeOf({ insertLabel }: EffectiveConfig): SessionTable {
    const { table, schema } = this.given;
    if (table) return { table, ...(schema && { schema }) };
    const statement = this.model.dbd.statements.get(insertLabel);
    const place = statement && insertTarget(statement.sql);
    if (statement && !place)
      this.diagnostics.addFault(
        statement.line,
        `DBDPrepareSQL ${quoted(insertLabel)} is no INSERT INTO a table, so the table is unknown; give fromApacheDirectives() the option table`,
      );
    return { ...place, ...(schema && { schema }) };
  }

  private findings(): AuditFinding[] {
    return this.diagnostics.findings().map((finding) => ({
      level: 'info',
      code: 'apache-directive',
      recommended: 'the same behaviour in httpd and here',
      remedy: lastClause(finding.message) ?? 'change the directive',
      ...faultAt(finding),
    }));
  }
}

/** Returns the settings that become the base options: those of the server, or of the first place with sessions. */
export const baseOf = ({ server, contexts }: DirectiveModel): EffectiveConfig =>
  (server.enabled ? undefined : contexts.find(({ config }) => config.enabled)?.config) ?? server;
