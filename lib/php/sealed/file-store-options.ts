import { kindOf, SessionConfigError, type ConfigFault } from '../../errors/session-config.error.js';
import { OptionReader } from '../../options/option-reader.js';
import { modeFault } from '../private/file-mode.js';

/** Options of `fileStore()` for sealed sessions. */
export interface FileStoreOptions {
  /** The absolute path of the folder for the sessions. It must exist. Only its owner may use it (`chmod 700`), or it must
   *  be sticky and not listable (`1733`); the store then makes a folder of its own inside it. There is no default.
   *  @see PHP `session.save_path` */
  readonly path: string;
  /** The levels of folders below `path`, of 256 folders each: 1 suits about 100,000 sessions, 2 suits millions. A change
   *  ends all sessions, because they are not found any more. @default 1 @see PHP `session.save_path`, N */
  readonly depth?: number;
  /** The mode of the files: 0o600, or a mode that also lets the group read or write. Other users get no access.
   *  @default 0o600 @see PHP `session.save_path`, MODE */
  readonly mode?: number;
  /** The number of files that one prune inspects. It inspects more if none of them has expired. The next prune goes on
   *  where this one stopped. @default 10000 */
  readonly pruneBatch?: number;
  /** The clock. @default () => new Date() */
  readonly now?: () => Date;
}

/** The options of `fileStore()` with their defaults. */
export type ResolvedFileOptions = Required<FileStoreOptions>;

/** The most levels of folders. 256⁴ folders are more than any disk needs. */
export const MAX_DEPTH = 4;

/** Returns the options with their defaults. Throws a SessionConfigError with every fault. `path` is checked when the store
 *  opens. */
export function resolveFileOptions(options: FileStoreOptions): ResolvedFileOptions {
  const { path, depth = 1, mode = 0o600, pruneBatch = 10_000, now = () => new Date() } = Object(options);
  const faults = [
    integerFault('depth', depth, 0, MAX_DEPTH),
    integerFault('pruneBatch', pruneBatch, 1, Number.MAX_SAFE_INTEGER),
    ownModeFault(mode),
  ].filter((fault) => fault !== undefined);
  faults.push(...unknownFaults(options));
  if (faults.length) throw new SessionConfigError(faults);
  return { path, depth, mode, pruneBatch, now };
}

function integerFault(name: string, value: unknown, from: number, to: number): ConfigFault | undefined {
  if (Number.isInteger(value) && (value as number) >= from && (value as number) <= to) return undefined;
  const found = typeof value === 'number' ? 'out of range' : kindOf(value);
  const allowed = to === Number.MAX_SAFE_INTEGER ? `${from} or more` : `from ${from} to ${to}`;
  return { path: `store.${name}`, message: `is ${found}; allowed is a whole number ${allowed}` };
}

/** Returns a fault for each unknown option. `sharedUnsealed` counts as known, so that a misspelt one gets a proposal
 *  instead of a store that PHP cannot read. */
function unknownFaults(options: FileStoreOptions): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const reader = new OptionReader('store', options, faults);
  for (const key of ['path', 'depth', 'mode', 'pruneBatch', 'now', 'sharedUnsealed']) reader.take(key);
  reader.end();
  return faults;
}

function ownModeFault(mode: unknown): ConfigFault | undefined {
  const message = modeFault(mode);
  return message === undefined ? undefined : { path: 'store.mode', message };
}
