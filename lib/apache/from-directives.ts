import type { IncomingMessage } from 'node:http';
import { SessionConfigError } from '../errors/session-config.error.js';
import type { CookieOptions } from '../options/cookie-options.interface.js';
import type { ContextOptions, SessionCryptoOptions } from '../options/options.interface.js';
import type { SessionOptions } from '../options/session-options.interface.js';
import type { AuditFinding } from '../persistence/session-format.interface.js';
import { cookieStore } from '../stores/cookie.store.js';
import { ApacheFormat, type ApacheOptions } from './apache.format.js';
import type { ApacheSecretOption } from './sealing/apache-secrets.js';
import type { DataSourceOption } from './dbd/data-source-option.js';
import { DbdStore, type DbdStoreOptions } from './dbd/dbd.store.js';
import { driverOf } from './directives/driver-options.js';
import { readDirectives, type DirectiveOptions } from './directives/read-directives.js';
import type { DirectiveContext, DirectiveModel, EffectiveConfig } from './directives/model.interface.js';
import type { PassphraseSource } from './directives/passphrase.js';

export interface FromDirectivesOptions extends DirectiveOptions {
  /** Where the table of mod_session_dbd is: `DBDParams` are httpd's own. @default the DataSource of `@nestjs/typeorm` */
  readonly dataSource?: DataSourceOption;
  /** Name of that table. @default what the prepared statement of SessionDBDInsertLabel inserts into */
  readonly table?: string;
  /** Who a request is by, for SessionDBDPerUser. */
  readonly perUser?: (request: IncomingMessage) => string | undefined;
  /** Whether a user of mod_auth_form is the session's subject; see `apache({ auth })`. */
  readonly verify?: NonNullable<ApacheOptions['auth']>['verify'];
  readonly trustUserKey?: boolean;
  /** Accept a SessionCryptoPassphraseFile that others than its owner may read. @default false */
  readonly othersMayRead?: boolean;
}

/** Options for `forRoot` from an excerpt of httpd's configuration. HttpOnly, Secure and SameSite stay whatever attributes
 *  it lists; whoever wants a cookie without them says so by name: `{ ...options, cookie: { ...options.cookie, httpOnly: false } }`.
 *
 *  Throws a SessionConfigError that lists every fault with its line. No file is opened and no program is run before the
 *  module starts. */
export function fromApacheDirectives(
  text: string,
  options: FromDirectivesOptions = {},
): SessionCryptoOptions {
  const {
    dataSource: _d,
    table: _t,
    perUser: _p,
    verify: _v,
    trustUserKey: _k,
    othersMayRead: _o,
    ...reading
  } = options;
  return new Mapping(readDirectives(text, reading), options).options();
}

/** From what the directives say to options of this module. */
class Mapping {
  private readonly stores = new Map<string, DbdStore>();

  constructor(
    private readonly model: DirectiveModel,
    private readonly given: FromDirectivesOptions,
  ) {}

  options(): SessionCryptoOptions {
    const driver = driverOf(this.model.driver);
    const { server, contexts } = this.model;
    const base = server.enabled ? server : (contexts.find(({ config }) => config.enabled)?.config ?? server);
    if (!base.enabled)
      throw fault(1, 'switch sessions on nowhere; write "Session On" where there should be some');
    return {
      crypto: { format: this.format(base, this.findings()), ...driver },
      cookie: cookieOf(base),
      session: { ...sessionOf(base), enabled: server.enabled },
      store: this.store(base),
      contexts: contexts.map((context) => this.context(context, base)),
    };
  }

  /** Only what differs, so that keys and stores are shared where they are the same. */
  private context({ hosts, path, line, config }: DirectiveContext, base: EffectiveConfig): ContextOptions {
    const place = {
      ...(hosts.length && { host: hosts.map((host) => hostOf(host, line)) }),
      ...(path && { path }),
    };
    if (!config.enabled) return { ...place, session: { enabled: false } };
    return {
      ...place,
      session: sessionOf(config),
      cookie: cookieOf(config),
      ...(sameCrypto(config, base) ? {} : { crypto: { format: this.format(config) } }),
      ...(sameStore(config, base) ? {} : { store: this.store(config) }),
    };
  }

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
    );
  }

  private auth({ authName, authType }: EffectiveConfig): ApacheOptions['auth'] {
    const { verify, trustUserKey } = this.given;
    if (!authName || authType?.toLowerCase() !== 'form' || !(verify || trustUserKey)) return undefined;
    return { name: authName, ...(verify && { verify }), ...(trustUserKey && { trustUserKey }) };
  }

  private secret(source: PassphraseSource): ApacheSecretOption {
    if (source.kind === 'passphrase') return { passphrase: source.text };
    if (source.kind === 'exec') return { exec: source.command as [string, ...string[]] };
    return { passphraseFile: source.path, othersMayRead: this.given.othersMayRead ?? false };
  }

  private store(config: EffectiveConfig) {
    if (!usesDbd(config)) return cookieStore();
    const { dataSource, perUser } = this.given;
    const byUser = !config.dbdCookie && config.dbdPerUser;
    if (byUser && !perUser)
      throw fault(
        config.lines.dbdPerUser ?? 1,
        'SessionDBDPerUser finds sessions by user: give fromApacheDirectives() the option perUser(request)',
      );
    const table = this.given.table ?? this.tableOf(config);
    const name = JSON.stringify([table, byUser]);
    const options: DbdStoreOptions = {
      ...(dataSource && { dataSource }),
      ...(table && { table }),
      ...(byUser && perUser && { perUser }),
    };
    if (!this.stores.has(name)) this.stores.set(name, new DbdStore(options));
    return this.stores.get(name)!;
  }

  /** The table that the administrator's own SQL inserts into. */
  private tableOf({ insertLabel }: EffectiveConfig): string | undefined {
    const sql = this.model.dbd.statements.get(insertLabel)?.sql;
    return sql && /\binsert\s+into\s+"?(\w+)"?/i.exec(sql)?.[1];
  }

  private findings(): AuditFinding[] {
    return this.model.findings.map(({ line, message }) => ({
      level: 'info',
      code: 'apache-directive',
      path: `directives line ${line}`,
      message,
    }));
  }
}

const usesDbd = ({ cookie, dbdCookie, dbdPerUser }: EffectiveConfig): boolean =>
  !cookie && (dbdCookie !== undefined || dbdPerUser);

function cookieOf(config: EffectiveConfig): CookieOptions {
  const written = config.cookie ?? config.cookie2 ?? config.dbdCookie ?? config.dbdCookie2;
  if (!written) return {};
  const { path = '/', domain, sameSite = 'lax', maxAge = 0 } = written.attributes;
  return {
    name: written.name,
    path,
    domain, // said where there is none too, so that a context does not get the base's
    sameSite,
    lifetime: config.maxAge && config.cookieMaxAge ? config.maxAge : Math.max(0, maxAge),
  };
}

/** httpd knows no absolute limit. Where it would write at every request, half of the idle timeout passes here between
 *  two touches. Everything is said, so that a context does not get the base's. */
function sessionOf({ enabled, maxAge, updateInterval, includes, excludes }: EffectiveConfig): SessionOptions {
  return {
    enabled,
    idleTimeout: maxAge,
    absoluteTimeout: 0,
    touchInterval: Math.min(updateInterval || Math.floor(maxAge / 2), Math.max(0, maxAge - 1)),
    include: includes.map(({ prefix }) => prefix),
    exclude: excludes.map(({ prefix }) => prefix),
    match: 'prefix',
  };
}

function sameCrypto(a: EffectiveConfig, b: EffectiveConfig): boolean {
  const rest = (one: EffectiveConfig) => {
    const { cipher, header, env, cookieRemove, dbdCookieRemove, authName, authType } = one;
    return JSON.stringify([
      cipher,
      header,
      env,
      usesDbd(one) ? dbdCookieRemove : cookieRemove,
      authName,
      authType,
    ]);
  };
  return samePassphrases(a, b) && rest(a) === rest(b);
}

const samePassphrases = (a: EffectiveConfig, b: EffectiveConfig): boolean =>
  a.passphrases.length === b.passphrases.length && a.passphrases.every((one, i) => one === b.passphrases[i]);

function sameStore(a: EffectiveConfig, b: EffectiveConfig): boolean {
  const labels = ({
    selectLabel,
    insertLabel,
    updateLabel,
    deleteLabel,
    dbdPerUser,
    dbdCookie,
  }: EffectiveConfig) =>
    JSON.stringify([selectLabel, insertLabel, updateLabel, deleteLabel, dbdPerUser, Boolean(dbdCookie)]);
  return usesDbd(a) === usesDbd(b) && (!usesDbd(a) || labels(a) === labels(b));
}

function hostOf(host: string, line: number): string {
  if (/^(?:\*\.)?[^*?]+$/.test(host)) return host;
  throw fault(line, `ServerAlias "${host}": a pattern may only begin with "*."; write the context by hand`);
}

const fault = (line: number, message: string) =>
  new SessionConfigError([{ path: `directives line ${line}`, message }]);
