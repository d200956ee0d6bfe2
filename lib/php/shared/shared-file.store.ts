import type { ConfigFault } from '../../errors/session-config.error.js';
import { SessionStoreError } from '../../errors/session-store.error.js';
import type { AuditFinding } from '../../stores/audit-finding.interface.js';
import type { ForeignParts, ForeignStore, PhpIdFormat } from '../../persistence/foreign-store.interface.js';
import type { SessionRepository } from '../../persistence/session-repository.interface.js';
import { auditFolder } from '../private/audit-folder.js';
import { posixUser } from '../private/posix-user.js';
import { PHP_SERIALIZERS } from '../serializer/php-serializer.js';
import { FileLock } from './file-lock.js';
import { IgnoredFileWarnings } from './ignored-file-warnings.js';
import { SessionFolder } from './session-folder.js';
import { lettersOf, LONGEST_ID } from './session-id.js';
import { auditShared } from './shared-audit.js';
import { resolveShared, type ResolvedShared, type SharedFileStoreOptions } from './shared-options.js';
import { SharedCodec } from './shared.codec.js';
import { SharedRepository } from './shared.repository.js';

const NEEDS_FLOCK =
  'needs flock(2), with which PHP locks its sessions, and Windows does not have it; run the application on the machine of PHP';

/** Shares the session files of a PHP on the same path. Reads, writes and locks them as PHP does, for processes of the same
 *  user on one machine. */
export class SharedFileStore implements ForeignStore {
  readonly kind = 'php-files';
  readonly name = 'session';
  /** The default of `cookie.name`, because both sides must read the same cookie. */
  readonly cookieName = 'PHPSESSID';
  private readonly options: ResolvedShared;
  private readonly warnings = new IgnoredFileWarnings();
  private folder: SessionFolder | undefined;
  /** The longest idle timeout of all contexts, in seconds. 0 if sessions of one of them never expire. */
  private idleTimeout: number | undefined;
  /** The largest value of all contexts, for which the folders below `depth` must exist. */
  private bitsPerCharacter: PhpIdFormat['bitsPerCharacter'] = 4;

  constructor(options: SharedFileStoreOptions) {
    this.options = resolveShared(options);
  }

  /** Returns the random bits of an id. The options refuse fewer than 128. */
  idBits({ length, bitsPerCharacter }: PhpIdFormat): number {
    return length * bitsPerCharacter;
  }

  /** Returns every fault of the options of this store, and one for ids that are too long. */
  check({ length }: PhpIdFormat): ConfigFault[] {
    const faults = [...this.options.faults];
    if (length > LONGEST_ID)
      faults.push({
        path: '',
        message: `names files by ids, but id.length is ${length}; allowed: ${LONGEST_ID} or less; write id.length: 48`,
      });
    return faults;
  }

  get equalParameters(): readonly unknown[] {
    const { serializer, depth, subjectKey = '' } = this.options;
    return [serializer, depth, subjectKey];
  }

  /** Returns the promises that do not hold for shared sessions. */
  audit(): readonly AuditFinding[] {
    return [...auditFolder(this.options.path), ...auditShared(this.options)];
  }

  /** Rejects with a SessionConfigError on Windows, without koffi, and for a folder that is not safe. */
  async open(): Promise<void> {
    const uid = posixUser('store.sharedUnsealed', NEEDS_FLOCK);
    const { path, depth, mode } = this.options;
    const letters = lettersOf(this.bitsPerCharacter);
    const lock = await FileLock.load('store.sharedUnsealed');
    this.folder = await SessionFolder.open(path, { depth, letters }, { uid, mode }, lock);
  }

  close(): void {
    this.folder = undefined;
  }

  now(): Date {
    return new Date();
  }

  /** Returns the repository of one context. Is called for every context before {@link open}. */
  repository(parts: ForeignParts): SessionRepository {
    const { warnings } = this;
    const { serializer, subjectKey } = this.options;
    const { timeouts, payloadLimit, rowCodec, id } = parts;
    this.raiseIdleTimeout(timeouts.idleTimeout);
    if (id.bitsPerCharacter > this.bitsPerCharacter) this.bitsPerCharacter = id.bitsPerCharacter;
    const sharedCodec = new SharedCodec({
      serializer: PHP_SERIALIZERS[serializer],
      subjectKey,
      rowCodec: rowCodec!, // absent only with crypto.format, which the options refuse beside this store
      timeouts,
      payloadLimit,
      onOtherSerializer: () => warnings.warnOfSerializer(serializer, parts.tell),
    });
    return new SharedRepository({ ...parts, sharedCodec, warnings, folder: () => this.opened('load') });
  }

  /** Removes expired sessions, up to 10,000. Removes none if sessions never expire. @see PHP `session_gc()` */
  async prune(): Promise<number> {
    if (!this.idleTimeout) return 0;
    try {
      return await this.opened('prune').prune(new Date(Date.now() - 1000 * this.idleTimeout));
    } catch (error) {
      throw SessionStoreError.from('prune', error);
    }
  }

  /** Prune must keep the sessions of every context, so the longest timeout counts. */
  private raiseIdleTimeout(seconds: number): void {
    const isLonger =
      this.idleTimeout === undefined || !seconds || (this.idleTimeout && seconds > this.idleTimeout);
    if (isLonger) this.idleTimeout = seconds;
  }

  private opened(operation: string): SessionFolder {
    if (!this.folder) throw new SessionStoreError(operation, 'not open');
    return this.folder;
  }
}
