import { andThen, type Awaitable } from '../crypto/awaitable.js';
import type { RejectReason } from '../errors/envelope.error.js';
import type { ConfigFault } from '../errors/session-config.error.js';
import type { ConvertedSession } from '../persistence/converted-session.interface.js';
import type {
  ForeignSession,
  MigratedFormat,
  MigrationParts,
  MigrationReader,
  MigrationSource,
} from '../persistence/session-format.interface.js';
import type { JsonObject } from '../record/session-data.interface.js';
import { emptyRecord, type SessionRecord } from '../record/session-record.js';
import { subjectText } from '../record/subject-text.js';
import type { AuditFinding } from '../stores/audit-finding.interface.js';
import type { ForeignData } from './options.interface.js';
import type { ResolvedMigration } from './resolve-options.js';

/** An authentic text of another package. */
export interface OpenedText extends Pick<ForeignSession, 'origin' | 'repeats' | 'expiresAt' | 'remove'> {
  /** The data, or a function that loads it, or takes what `session-crypto convert` has stored of it. */
  readonly data:
    JsonObject | ((converted: ConvertedSession | undefined) => Promise<JsonObject | RejectReason>);
}

/** Opens one text. It never throws because of the text. */
export type TextOpener = (text: string, parts: MigrationParts) => Awaitable<OpenedText | RejectReason>;

/** What makes one format different from the others. */
export interface FormatPlan extends ResolvedMigration {
  readonly name: string;
  /** Faults of the options, whose paths begin at the options. */
  readonly faults: readonly ConfigFault[];
  /** The number of secrets, and the bytes of the shortest. */
  readonly secrets: { readonly option: string; readonly shortest: number };
  /** What a security review should know of the format, in one sentence. */
  readonly weakness: string;
  readonly equalParameters: readonly unknown[];
  /** The number of characters of the shortest text that can open. */
  readonly shortest: number;
  /** Loads the packages that it needs. Rejects with a SessionConfigError at `path`. */
  start(path: string): Awaitable<TextOpener>;
}

/** The sessions of another package, for `crypto.accept`. */
export class ForeignFormat implements MigratedFormat {
  readonly name: string;
  readonly migrationSource: MigrationSource;
  readonly #plan: FormatPlan;

  /** @internal */
  constructor(plan: FormatPlan) {
    this.name = plan.name;
    this.migrationSource = plan.source;
    this.#plan = plan;
  }

  /** What must be equal on all servers, except secrets. */
  get equalParameters(): readonly unknown[] {
    return [this.migrationSource.cookie, ...this.#plan.equalParameters];
  }

  /** Returns every fault of the options below the option path `path`. */
  check(path: string): ConfigFault[] {
    return this.#plan.faults.map(({ path: at, message }) => ({
      path: at ? `${path}.${at}` : path,
      message,
    }));
  }

  audit(path: string): AuditFinding[] {
    const { secrets } = this.#plan;
    const short = secrets.shortest < SHORT ? [shortSecret(path, secrets)] : [];
    return [temporary(path, this.#plan), ...short];
  }

  async startMigration(path: string): Promise<(parts: MigrationParts) => MigrationReader> {
    const open = await this.#plan.start(path);
    const { shortest } = this.#plan;
    return (parts) => ({
      shortest,
      open: (text) =>
        andThen(open(text, parts), (one) => (typeof one === 'string' ? one : this.session(one, parts))),
    });
  }

  private session({ data, ...opened }: OpenedText, parts: MigrationParts): ForeignSession {
    if (typeof data !== 'function') return { ...opened, record: this.record(data, parts) };
    const load = async (converted: ConvertedSession | undefined) => {
      const loaded = await data(converted);
      return typeof loaded === 'string' ? loaded : this.record(loaded, parts);
    };
    return { ...opened, record: load };
  }

  /** Returns the user in the data. Throws what the application's function throws, or a SessionStateError for what is no id. */
  subjectOf(data: JsonObject): string | undefined {
    return subjectText(this.#plan.subjectFrom?.(data as ForeignData));
  }

  /** Returns a new session of ours with the data: another id, and clocks that start now. Nobody has authenticated himself
   *  here, so the session counts as no fresh login. */
  private record(data: JsonObject, { now, timeouts }: MigrationParts): SessionRecord {
    const { idleTimeout, absoluteTimeout } = timeouts;
    const subject = this.subjectOf(data);
    return { ...emptyRecord(now(), idleTimeout, absoluteTimeout), subject, data };
  }

  /** Shows no secret. */
  toJSON(): object {
    return { name: this.name, cookie: this.migrationSource.cookie.name, until: this.migrationSource.until };
  }
}

/** Bytes of a secret below which guessing is realistic. */
const SHORT = 16;

const temporary = (path: string, { name, weakness }: FormatPlan): AuditFinding => ({
  level: 'info',
  code: 'foreign-sessions',
  path,
  message: `sessions of ${name} are accepted for a time; ${weakness}`,
  value: 'accepted for a time',
  recommended: 'no foreign format, once its sessions have moved or ended',
  remedy: "remove the entry of crypto.accept when sessions.events.count('migrated') no longer grows",
});

const shortSecret = (path: string, { option, shortest }: FormatPlan['secrets']): AuditFinding => ({
  level: 'danger',
  code: 'foreign-short-secret',
  path: `${path}.${option}`,
  message: `is a secret of ${shortest} bytes, which an attacker can guess; who knows it can make any session that is migrated`,
  value: `secret, ${shortest} bytes`,
  recommended: `at least ${SHORT} random bytes`,
  remedy:
    'end the sessions of the other package by a new secret there, and do not accept the old one; users then log in again',
});
