import { SessionStateError } from '../../errors/session-state.error.js';
import { PHP_LIMITS, type PhpLimits } from './php-limits.js';
import { latin1Of } from './php-text.js';
import { PhpArray, PhpMap, type PhpEntry, type PhpKey, type PhpSession } from './php-value.js';
import { refusalOf, refuse, type PhpRefusal } from './refusal.js';
import { ValueReader } from './value-reader.js';
import { ValueWriter } from './value-writer.js';

/** A form of PHP's session data.
 *  @see PHP `session.serialize_handler` */
export interface PhpSerializer {
  readonly name: PhpSerializerName;
  /** The variables in the bytes of a session, or why there are none: bytes of a stranger never throw. What PHP reads
   *  other than it would write it, such as `i:+1;`, is read the same way. */
  decode(bytes: Uint8Array, limits?: Partial<PhpLimits>): PhpSession | PhpRefusal;
  /** The bytes that PHP writes for these variables. Throws a SessionStateError for a name or value that PHP would drop
   *  or could not read back. */
  encode(session: PhpSession, limits?: Partial<PhpLimits>): Buffer;
}

export type PhpSerializerName = 'php' | 'php_binary' | 'php_serialize';

/** name `|` value ‖ name `|` value ‖ …          see session.c, PS_SERIALIZER_ENCODE_FUNC(php) */
const php = serializer('php', {
  decode: (reader) => variablesOf(reader, () => reader.cursor.takeUntil('|')),
  encode: (session, writer) =>
    writeVariables(session, writer, {
      head: (name) => `${name}|`,
      flaw: (name) =>
        name.includes('|') ? 'has a "|" in it, so that PHP would lose the whole session' : undefined,
    }),
});

/** length(1) ‖ name ‖ value ‖ length(1) ‖ …    the highest bit of a length has no meaning any more */
const phpBinary = serializer('php_binary', {
  decode: (reader) => variablesOf(reader, () => reader.cursor.take(reader.cursor.byte() & 0x7f)),
  encode: (session, writer) =>
    writeVariables(session, writer, {
      head: (name) => String.fromCharCode(name.length) + name,
      flaw: (name) => (name.length > 127 ? 'is longer than 127 bytes, so that PHP would drop it' : undefined),
    }),
});

/** One serialized array; what follows it is passed over. */
const phpSerialize = serializer('php_serialize', {
  decode(reader) {
    // A reference, when the array holds itself: PHP then writes nothing at all.
    const value = reader.cursor.ended ? null : reader.place('').value;
    if (value instanceof PhpArray) return value;
    return value === null ? new PhpArray() : refuse('not-an-array');
  },
  encode: (session, writer) => writer.value(session instanceof PhpArray ? session : new PhpArray(session)),
});

/** PHP's serializers by name. */
export const PHP_SERIALIZERS: Readonly<Record<PhpSerializerName, PhpSerializer>> = Object.freeze({
  php,
  php_binary: phpBinary,
  php_serialize: phpSerialize,
});

interface Form {
  decode(reader: ValueReader): PhpSession;
  encode(session: PhpSession, writer: ValueWriter): void;
}

function serializer(name: PhpSerializerName, form: Form): PhpSerializer {
  return Object.freeze({
    name,
    decode(bytes: Uint8Array, limits?: Partial<PhpLimits>) {
      const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      return refusalOf(() => form.decode(new ValueReader(source, { ...PHP_LIMITS, ...limits })));
    },
    encode(session: PhpSession, limits?: Partial<PhpLimits>) {
      const writer = new ValueWriter({ ...PHP_LIMITS, ...limits });
      form.encode(session, writer);
      return writer.bytes;
    },
  });
}

/** Taken over at the end only: until then a reference can change a place. A name that comes again keeps its first place
 *  and takes the last value. */
function variablesOf(reader: ValueReader, readName: () => PhpKey): PhpSession {
  const places: PhpEntry[] = [];
  while (!reader.cursor.ended) places.push(reader.place(readName()));
  return new PhpMap(places.map(({ key, value }) => [key, value] as const));
}

/** How a name is written; both take it as one character a byte. */
interface NameForm {
  head(name: string): string;
  /** Why it can't be written. */
  flaw(name: string): string | undefined;
}

function writeVariables(session: PhpSession, writer: ValueWriter, { head, flaw }: NameForm): void {
  for (const { key, value } of session.entries()) {
    if (typeof key === 'bigint') throw refuseName(key, 'is an int, so that PHP would drop it');
    const name = latin1Of(key);
    const why = flaw(name);
    if (why) throw refuseName(key, why);
    writer.put(head(name));
    writer.value(value);
  }
}

function refuseName(key: PhpKey, why: string): SessionStateError {
  const name = typeof key === 'string' ? JSON.stringify(key) : String(key);
  return new SessionStateError(
    'ERR_SESSION_VALUE',
    `The key ${name} ${why}; choose another, or php_serialize`,
  );
}
