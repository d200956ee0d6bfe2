import type { ConfigFault } from '../../errors/session-config.error.js';
import { OptionReader } from '../../options/option-reader.js';
import { modeFault } from '../private/file-mode.js';
import { PHP_SERIALIZERS, type PhpSerializerName } from '../serializer/php-serializer.js';
import { SEALED_VARIABLE } from './shared-session.js';

/** Options of `fileStore()` for sessions that PHP shares. */
export interface SharedFileStoreOptions {
  /** The absolute path of PHP's folder for sessions. Only its owner may use it, or it must be sticky and not listable
   *  (`1733`). There is no default. @see PHP `session.save_path` */
  readonly path: string;
  /** The levels of folders below `path`, named by the first characters of the ids. The folders must exist.
   *  @default 0 @see PHP `session.save_path`, N */
  readonly depth?: number;
  /** The mode of new files, from which the umask is subtracted. Other users get no access.
   *  @default 0o600 @see PHP `session.save_path`, MODE */
  readonly mode?: number;
  /** Shares the sessions with a PHP on the same path. They are not sealed, and the names of their files are the ids.
   *  docs/php.md lists the promises that do not hold there. */
  readonly sharedUnsealed: SharedUnsealedOptions;
}

/** Options of {@link SharedFileStoreOptions.sharedUnsealed}. */
export interface SharedUnsealedOptions {
  /** The serializer of PHP. It must be the same one, because PHP deletes files that another one wrote.
   *  @see PHP `session.serialize_handler` */
  readonly serializer: PhpSerializerName;
  /** The variable whose text or number is the session's subject, for applications in which PHP logs users in. Anyone who
   *  can write a session's file can then be any user. @default none: only `login()` of this application sets a subject */
  readonly subjectKey?: string;
}

/** The options with their defaults. */
export interface ResolvedShared {
  readonly path: string;
  readonly depth: number;
  readonly mode: number;
  readonly serializer: PhpSerializerName;
  readonly subjectKey: string | undefined;
  /** Every fault, with its path below the option `store`. */
  readonly faults: readonly ConfigFault[];
}

const SERIALIZERS = Object.keys(PHP_SERIALIZERS) as PhpSerializerName[];
/** One less than the length of the shortest id that is accepted. */
export const MAX_SHARED_DEPTH = 21;

/** Returns the options with their defaults. Does not throw: the faults are in the result, because the checks of all
 *  options report them together. `path` is checked when the store opens. */
export function resolveShared(options: SharedFileStoreOptions): ResolvedShared {
  const faults: ConfigFault[] = [];
  const reader = new OptionReader('', options, faults);
  const unsealed = reader.sub('sharedUnsealed');
  const resolved = {
    path: reader.take('path') as string,
    depth: reader.integer('depth', 0, 'levels', [0, MAX_SHARED_DEPTH]),
    mode: readMode(reader),
    ...readUnsealed(unsealed),
  };
  unsealed.end();
  reader.end();
  return { ...resolved, faults };
}

function readMode(reader: OptionReader): number {
  const mode = reader.take('mode') ?? 0o600;
  const fault = modeFault(mode);
  if (!fault) return mode as number;
  reader.addFault('mode', fault);
  return 0o600;
}

/** Reads the options of {@link SharedUnsealedOptions}. */
export const readUnsealed = (reader: OptionReader) => ({
  serializer: readSerializer(reader),
  subjectKey: readSubjectKey(reader),
});

function readSerializer(reader: OptionReader): PhpSerializerName {
  if (reader.take('serializer') === undefined)
    reader.addFault(
      'serializer',
      `is missing; allowed: ${SERIALIZERS.join(', ')}; write the session.serialize_handler of PHP`,
    );
  return reader.choice<PhpSerializerName>('serializer', 'php', SERIALIZERS);
}

function readSubjectKey(reader: OptionReader): string | undefined {
  const key = reader.text('subjectKey', '', /^[^]+$/, 'the name of a variable') || undefined;
  if (key === SEALED_VARIABLE)
    reader.addFault(
      'subjectKey',
      `is ${SEALED_VARIABLE}, which this package uses itself; write a variable of PHP`,
    );
  return key;
}
