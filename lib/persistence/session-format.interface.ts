import type { CryptoDriver } from '../crypto/crypto-driver.interface.js';
import type { ReloadListener, ReloadOptions } from '../crypto/key-ring-provider.js';
import type { ConfigFault } from '../errors/session-config.error.js';
import type { CsrfKeys } from '../envelope/csrf-token.js';
import type { AuditFinding } from '../stores/audit-finding.interface.js';
import type { RecordCodec } from './record-codec.interface.js';
import type { SessionTimeouts } from '../record/session-lifetime.js';
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
  listen(): void;
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
  readonly cookie: { readonly name: string; readonly path: string; readonly domain: string | undefined };
  /** The moment after which no session of this format is migrated. */
  readonly until: Date;
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
