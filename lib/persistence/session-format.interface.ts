import type { CryptoDriver } from '../crypto/crypto-driver.interface.js';
import type { ReloadListener, ReloadOptions } from '../crypto/key-ring-provider.js';
import type { ConfigFault } from '../errors/session-config.error.js';
import type { CsrfKeys } from '../envelope/csrf-token.js';
import type { RecordCodec } from './record-codec.interface.js';
import type { SessionTimeouts } from '../record/session-lifetime.js';
import type { RecordDraft, SessionRecord } from '../record/session-record.js';

/** Another form of sessions than ours, with keys of its own: for `crypto.format`, or to be led over to ours in
 *  `crypto.accept`. */
export interface SessionFormat {
  /** Such as `apache`; stands in events. */
  readonly name: string;
  /** Where its sessions come from and how long they are taken, for `crypto.accept`. */
  readonly migrationSource?: MigrationSource | undefined;
  readonly exchange?: HeaderExchange;
  /** Everything that is wrong with how it was made, or that `driver` does not have, below the option path `path`. */
  check(path: string, driver?: DriverClaim): readonly ConfigFault[];
  /** Whether each opens what the other seals. */
  sharesWith?(other: SessionFormat): boolean;
  /** What a security review should know of it, below the option path `path`. */
  audit?(path: string): readonly AuditFinding[];
  /** Tests what it needs of the driver, whose owner closes it, and reads the keys. Rejects with a SessionConfigError. */
  start(
    path: string,
    reload: ReloadOptions,
    listener: ReloadListener,
    driver: CryptoDriver,
  ): Promise<StartedFormat>;
}

/** What a driver says of itself before it is opened. */
export interface DriverClaim {
  readonly name: string;
  /** Its ciphers of the Apache format; `undefined`: not known before. */
  readonly cbcCiphers: readonly string[] | undefined;
}

/** Keys that were read and can be read again. */
export interface KeysInUse {
  readonly ring: CsrfKeys;
  listen(): void;
  reload(): Promise<void>;
  stop(): void;
}

export interface StartedFormat {
  readonly keys: KeysInUse;
  codec(parts: CodecParts): RecordCodec;
}

export interface CodecParts {
  readonly timeouts: SessionTimeouts;
  readonly payloadLimit: number;
  /** Whole seconds by the store's clock. */
  now(): number;
}

export interface MigrationSource {
  readonly cookie: { readonly name: string; readonly path: string; readonly domain: string | undefined };
  /** No session of that form is taken after this moment. */
  readonly until: Date;
}

/** How a session is told to a backend behind this application, and how the backend answers. */
export interface HeaderExchange {
  /** Header of a response, in lower case, whose text is merged into the session and that then is removed. */
  readonly header: string | undefined;
  /** Header of a request, in lower case, that is for the session's text alone: a visitor's own is always dropped. */
  readonly envHeader: string;
  /** Whether the session's text is told there. */
  readonly env: boolean;
  /** The session's cookie is taken out of the request's headers. */
  readonly cookieRemove: boolean;
  merge(draft: RecordDraft, text: string): void;
  textOf(record: SessionRecord): string;
}

/** Something that works and could be safer. */
export interface AuditFinding {
  readonly level: 'info' | 'warning' | 'danger';
  /** Stable name, such as `apache-short-passphrase`. */
  readonly code: string;
  readonly path: string;
  readonly message: string;
  /** What is so now, in a few words. @default who keeps the sessions */
  readonly value?: string;
  readonly recommended?: string;
  /** What to write instead. */
  readonly remedy?: string;
  /** Who recommends it. @default the name of the format */
  readonly source?: string;
}
