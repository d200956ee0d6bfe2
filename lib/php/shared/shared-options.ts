import type { ConfigFault } from '../../errors/session-config.error.js';
import { OptionReader } from '../../options/option-reader.js';
import { modeFault } from '../files/file-store-options.js';
import { PHP_SERIALIZERS, type PhpSerializerName } from '../serializer/php-serializer.js';
import { OWN_KEY } from './shared-session.js';

export interface SharedFileStoreOptions {
  /** PHP's folder for sessions, from the root on: its owner's alone, or sticky and not to be listed (`1733`). There is no
   *  default. @see PHP `session.save_path` */
  readonly path: string;
  /** Levels of folders below it, named by the first characters of the ids. They have to be there.
   *  @default 0 @see PHP `session.save_path`, N */
  readonly depth?: number;
  /** Mode of new files, less the umask. Nothing for others. @default 0o600 @see PHP `session.save_path`, MODE */
  readonly mode?: number;
  /** Sessions are shared with a PHP on the same path, so they stand there unsealed, in files that are named by the very
   *  ids. What that gives up is in docs/php.md. */
  readonly sharedUnsealed: SharedUnsealedOptions;
}

export interface SharedUnsealedOptions {
  /** Has to be PHP's own: PHP deletes what another one wrote. @see PHP `session.serialize_handler` */
  readonly serializer: PhpSerializerName;
  /** Variable whose text or number is the session's subject, for applications where PHP logs users in. Whoever can write
   *  a session's file is anybody then. @default none: only a login here is one */
  readonly subjectKey?: string;
}

export interface ResolvedShared {
  readonly path: string;
  readonly depth: number;
  readonly mode: number;
  readonly serializer: PhpSerializerName;
  readonly subjectKey: string | undefined;
  readonly faults: readonly ConfigFault[];
}

const SERIALIZERS = Object.keys(PHP_SERIALIZERS) as PhpSerializerName[];
/** One less than the shortest id that is taken. */
const MAX_DEPTH = 21;

/** The options with their defaults, and every fault at its path below `store`. */
export function resolveShared(options: SharedFileStoreOptions): ResolvedShared {
  const faults: ConfigFault[] = [];
  const reader = new OptionReader('', options, faults);
  const unsealed = reader.sub('sharedUnsealed');
  const resolved = {
    path: reader.take('path') as string, // looked at when it is opened
    depth: reader.integer('depth', 0, 'levels', [0, MAX_DEPTH]),
    mode: readMode(reader),
    serializer: readSerializer(unsealed),
    subjectKey: readSubjectKey(unsealed),
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

function readSerializer(reader: OptionReader): PhpSerializerName {
  if (reader.take('serializer') === undefined)
    reader.addFault(
      'serializer',
      `is missing; say the session.serialize_handler of PHP: ${SERIALIZERS.join(', ')}`,
    );
  return reader.choice<PhpSerializerName>('serializer', 'php', SERIALIZERS);
}

function readSubjectKey(reader: OptionReader): string | undefined {
  const key = reader.text('subjectKey', '', /^[^]+$/, 'the name of a variable') || undefined;
  if (key === OWN_KEY) reader.addFault('subjectKey', `is ${OWN_KEY}, which is ours; name a variable of PHP`);
  return key;
}
