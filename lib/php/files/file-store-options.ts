import { kindOf, SessionConfigError, type ConfigFault } from '../../errors/session-config.error.js';
import { OptionReader } from '../../options/option-reader.js';

export interface FileStoreOptions {
  /** Folder for the sessions, from the root on. It has to be there, and to be its owner's alone (`chmod 700`); or
   *  sticky and not to be listed (`1733`), then a folder of our own is made in it. There is no default.
   *  @see PHP `session.save_path` */
  readonly path: string;
  /** Levels of folders below it, of 256 each: 1 is good for some 100 000 sessions, 2 for millions. Sessions are not
   *  found again when it changes. @default 1 @see PHP `session.save_path`, N */
  readonly depth?: number;
  /** Mode of the files: 0o600, or with what their group may do. Never anything for others.
   *  @default 0o600 @see PHP `session.save_path`, MODE */
  readonly mode?: number;
  /** Files that one prune looks at, or more until it finds one that has expired; the next goes on where it ended.
   *  @default 10000 */
  readonly pruneBatch?: number;
  /** The clock. @default () => new Date() */
  readonly now?: () => Date;
}

export type ResolvedFileOptions = Required<FileStoreOptions>;

const MAX_DEPTH = 4;

/** The options with their defaults. Throws a SessionConfigError with every fault; `path` is looked at when it is opened. */
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
  const what = typeof value === 'number' ? 'out of range' : kindOf(value);
  const allowed = to === Number.MAX_SAFE_INTEGER ? `a whole number from ${from} on` : `${from} to ${to}`;
  return { path: `store.${name}`, message: `is ${what}; allowed is ${allowed}` };
}

/** `sharedUnsealed` is known too, so that one that is misspelt does not make a store that PHP cannot read. */
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

/** Why files may not have that mode. */
export function modeFault(mode: unknown): string | undefined {
  const bits = mode as number;
  if (Number.isInteger(mode) && (bits & 0o600) === 0o600 && (bits & ~0o660) === 0) return undefined;
  return 'has to be 0o600, 0o620, 0o640 or 0o660: the owner reads and writes, others than its group never do';
}
