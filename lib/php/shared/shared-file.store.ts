import { SessionConfigError, type ConfigFault } from '../../errors/session-config.error.js';
import { SessionStoreError } from '../../errors/session-store.error.js';
import type { AuditFinding } from '../../persistence/session-format.interface.js';
import type { ForeignParts, ForeignStore, PhpIdFormat } from '../../persistence/foreign-store.interface.js';
import type { SessionRepository } from '../../persistence/session-repository.interface.js';
import { PHP_SERIALIZERS } from '../serializer/php-serializer.js';
import { lettersOf } from './session-id.js';
import { FileLock } from './file-lock.js';
import { SessionFolder } from './session-folder.js';
import { PassedOver } from './passed-over.js';
import { auditShared } from './shared-audit.js';
import { resolveShared, type ResolvedShared, type SharedFileStoreOptions } from './shared-options.js';
import { SharedCodec } from './shared.codec.js';
import { SharedRepository } from './shared.repository.js';

/** Of an id whose file PHP can still name (255 with `sess_`). */
const LONGEST_ID = 250;

/** The files of a PHP that keeps its sessions on the same path, read and written as PHP does it, for processes of the
 *  same user on one machine. */
export class SharedFileStore implements ForeignStore {
  readonly kind = 'php-files';
  readonly name = 'session';
  readonly cookieName = 'PHPSESSID';
  private readonly options: ResolvedShared;
  private readonly passedOver = new PassedOver();
  private folder: SessionFolder | undefined;
  /** Seconds without use after which no session of ours lives; 0 for never. */
  private idleTimeout: number | undefined;
  /** Of the ids that we make, the most of all contexts. */
  private bitsPerCharacter: PhpIdFormat['bitsPerCharacter'] = 4;

  constructor(options: SharedFileStoreOptions) {
    this.options = resolveShared(options);
  }

  idBits({ length, bitsPerCharacter }: PhpIdFormat): number {
    return length * bitsPerCharacter;
  }

  check({ length }: PhpIdFormat): ConfigFault[] {
    const faults = [...this.options.faults];
    if (length > LONGEST_ID)
      faults.push({
        path: '',
        message: `names files by ids, which have id.length ${length}; set ${LONGEST_ID} or less`,
      });
    return faults;
  }

  audit(): readonly AuditFinding[] {
    return auditShared(this.options);
  }

  async open(): Promise<void> {
    if (process.platform === 'win32') throw needsPosix();
    const { path, depth, mode } = this.options;
    const letters = lettersOf(this.bitsPerCharacter);
    const lock = await FileLock.load('store.sharedUnsealed');
    this.folder = await SessionFolder.open(path, { depth, letters }, { uid: process.geteuid!(), mode }, lock);
  }

  close(): void {
    this.folder = undefined;
  }

  now(): Date {
    return new Date();
  }

  repository(parts: ForeignParts): SessionRepository {
    const { passedOver } = this;
    const { serializer, subjectKey } = this.options;
    const { timeouts, payloadLimit, rowCodec, id } = parts;
    this.expectIdle(timeouts.idleTimeout);
    if (id.bitsPerCharacter > this.bitsPerCharacter) this.bitsPerCharacter = id.bitsPerCharacter;
    const sharedCodec = new SharedCodec({
      serializer: PHP_SERIALIZERS[serializer],
      subjectKey,
      rowCodec: rowCodec!, // no format takes the place of ours: that was checked
      timeouts,
      payloadLimit,
      otherForm: () => passedOver.byForm(serializer, parts.warn),
    });
    return new SharedRepository({ ...parts, sharedCodec, passedOver, folder: () => this.opened('load') });
  }

  /** Nothing where sessions never idle out. @see PHP `session_gc()` */
  async prune(): Promise<number> {
    if (!this.idleTimeout) return 0;
    try {
      return await this.opened('prune').prune(new Date(Date.now() - 1000 * this.idleTimeout));
    } catch (error) {
      throw SessionStoreError.from('prune', error);
    }
  }

  /** The longest of all contexts counts. */
  private expectIdle(seconds: number): void {
    const isLonger =
      this.idleTimeout === undefined || !seconds || (this.idleTimeout && seconds > this.idleTimeout);
    if (isLonger) this.idleTimeout = seconds;
  }

  private opened(operation: string): SessionFolder {
    if (!this.folder) throw new SessionStoreError(operation, 'not open');
    return this.folder;
  }
}

const needsPosix = () =>
  new SessionConfigError([
    {
      path: 'store.sharedUnsealed',
      message: 'needs flock(2), by which PHP holds its sessions, and Windows has none; run where PHP runs',
    },
  ]);
