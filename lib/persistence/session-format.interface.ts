import type { CryptoDriver } from '../crypto/crypto-driver.interface.js';
import type { ReloadListener, ReloadOptions, SourceState } from '../crypto/key-ring-provider.js';
import type { Awaitable } from '../crypto/awaitable.js';
import type { RejectReason } from '../errors/envelope.error.js';
import type { ConfigFault } from '../errors/session-config.error.js';
import type { CsrfKeys } from '../envelope/csrf-token.js';
import type { AuditFinding } from '../stores/audit-finding.interface.js';
import type { ResolveToken, StoreLimits } from '../stores/session-store.interface.js';
import type { ConvertedSession } from './converted-session.interface.js';
import type { RecordCodec } from './record-codec.interface.js';
import type { SessionTimeouts } from '../record/session-lifetime.js';
import type { JsonObject } from '../record/session-data.interface.js';
import type { RecordDraft, SessionRecord } from '../record/session-record.js';

/** A foreign format of sessions with keys of its own. It replaces the native format (`crypto.format`), or its
 *  sessions are migrated to it (`crypto.accept`). */
export interface SessionFormat {
  /** The name of the format in events and messages, such as `apache`. */
  readonly name: string;
  /** The cookie that brings sessions of this format, and until when they are migrated. Needed in `crypto.accept`. */
  readonly migrationSource?: MigrationSource | undefined;
  readonly exchange?: HeaderExchange;
  /** Returns every fault of the options that it was made with, and everything that `driver` lacks for it, below the
   *  option path `path`. */
  check(path: string, driver?: DriverClaim): readonly ConfigFault[];
  /** Reports whether each format opens what the other seals. */
  sharesWith?(other: SessionFormat): boolean;
  /** Everything except secrets that must be equal on servers that share sessions; the audit shows a part of a hash of it. */
  readonly equalParameters?: readonly unknown[];
  /** Returns what a security review should know about it, below the option path `path`. */
  audit?(path: string, facts?: AuditFacts): readonly AuditFinding[];
  /** Tests what it needs of the driver, and reads the keys. The driver's owner closes the driver. Rejects with a
   *  SessionConfigError. */
  start(
    path: string,
    reload: ReloadOptions,
    listener: ReloadListener,
    driver: CryptoDriver,
  ): Promise<StartedFormat>;
}

/** What the audit knows beside the options of a format. */
export interface AuditFacts {
  /** True to judge a production site, not a developer's machine. */
  readonly production: boolean;
  /** The environment variables. A secret that equals one came from there. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly reload: ReloadOptions;
}

/** The facts of a driver that are known before it is opened. */
export interface DriverClaim {
  readonly name: string;
  /** Its ciphers for the Apache format; `undefined` if they are not known before it is open. */
  readonly cbcCiphers: readonly string[] | undefined;
}

/** Keys that were read, and that can be read again. */
export interface KeysInUse {
  readonly ring: CsrfKeys;
  /** What became of the readings of the sources; absent where nobody keeps it. */
  readonly sourceState?: SourceState;
  /** Called once, before {@link listen}, where the keys are in a store. Rejects with a SessionConfigError. */
  open?(resolve: ResolveToken, limits?: StoreLimits): Promise<void>;
  listen(): void;
  /** The stores are open, and all modules know how long they need keys. */
  ready?(): void;
  reload(): Promise<void>;
  /** Resolves when nothing here uses the driver any more. */
  stop(): Promise<void>;
}

export interface StartedFormat {
  readonly keys: KeysInUse;
  codec(parts: CodecParts): RecordCodec;
}

export interface CodecParts {
  readonly timeouts: SessionTimeouts;
  readonly payloadLimit: number;
  /** Returns whole seconds since 1970, by the store's clock. */
  now(): number;
}

export interface MigrationSource {
  readonly cookie: {
    readonly name: string;
    readonly path: string;
    readonly domain: string | undefined;
    /** The name of a second cookie, at the same place, that holds the signature of the first. The text that is opened is then
     *  the value, a semicolon and the signature. */
    readonly signature?: string | undefined;
  };
  /** The moment after which no session of this format is migrated. */
  readonly until: Date;
  /** True while the other program runs beside us and visitors go back and forth: its cookie and its session stay until the
   *  session ends here. */
  readonly keep?: boolean | undefined;
}

/** The exchange of a session with a backend behind this application, by headers. */
export interface HeaderExchange {
  /** The response header, in lower case, whose text is merged into the session. It is removed from the response. */
  readonly header: string | undefined;
  /** The request header, in lower case, that only this package may set. A visitor's own is always dropped. */
  readonly envHeader: string;
  /** True if the session's text is written into {@link envHeader}. */
  readonly env: boolean;
  /** True if the session's cookie is removed from the request's headers. */
  readonly cookieRemove: boolean;
  merge(draft: RecordDraft, text: string): void;
  textOf(record: SessionRecord): string;
}

/** An authentic session of a foreign format. */
export interface ForeignSession {
  /** What identifies the session: equal for every text that carries it, whichever key signed the text. */
  readonly origin: string;
  /** True if sessions of several visitors can have one {@link origin}, since the text consists of nothing but their data. */
  readonly repeats?: boolean | undefined;
  /** Seconds since 1970 at which the text itself says that it ends; absent where it says nothing. */
  readonly expiresAt?: number | undefined;
  /** What the session holds, or a function that loads it from where the other program keeps it, or takes what
   *  `session-crypto convert` has stored of it. The function resolves to the reason why there is no session any more, and
   *  rejects with a SessionStoreError. */
  readonly record:
    SessionRecord | ((converted: ConvertedSession | undefined) => Promise<SessionRecord | RejectReason>);
  /** Removes what the other program keeps of the session. Rejects with a SessionStoreError. */
  readonly remove?: (() => Promise<void>) | undefined;
}

/** What the reader of a format works with. */
export interface MigrationParts extends CodecParts {
  /** Milliseconds that one operation of the other program's store may take. */
  readonly timeout: number;
}

/** Opens the sessions of a foreign format, which are then migrated. */
export interface MigrationReader {
  /** The number of characters of the shortest text that can open. */
  readonly shortest: number;
  /** Returns the one canonical spelling of a text that can be spelled in several ways. */
  canonical?(text: string): string;
  /** Returns the session, or the reason why the text does not open. It never throws because of the text. */
  open(text: string): Awaitable<ForeignSession | RejectReason>;
}

/** A foreign format that is read only to migrate its sessions (`crypto.accept`). */
export interface MigratedFormat {
  /** The name of the format in events and messages, such as `express-session`. */
  readonly name: string;
  readonly migrationSource: MigrationSource;
  /** Returns every fault of the options that it was made with, below the option path `path`. */
  check(path: string): readonly ConfigFault[];
  /** Everything except secrets that must be equal on servers that share sessions. */
  readonly equalParameters?: readonly unknown[];
  /** Returns what a security review should know about it, below the option path `path`. */
  audit?(path: string, facts?: AuditFacts): readonly AuditFinding[];
  /** Returns the user in the data of a session, for `session-crypto convert`. Throws what the application's function throws. */
  subjectOf?(data: JsonObject): string | undefined;
  /** Loads the packages that it needs. Rejects with a SessionConfigError at `path`. */
  startMigration(path: string): Promise<(parts: MigrationParts) => MigrationReader>;
}
