import { SessionStateError } from '../../errors/session-state.error.js';
import { limitsOf, type PhpLimits } from './php-limits.js';
import { latin1Of } from './php-text.js';
import { PhpArray, PhpMap, type PhpEntry, type PhpKey, type PhpSession } from './php-value.js';
import { refusalOf, refuse, type PhpRefusal } from './refusal.js';
import { ValueReader } from './value-reader.js';
import { ValueWriter } from './value-writer.js';

/** Reads and writes the bytes of a PHP session file.
 *  @see PHP `session.serialize_handler` */
export interface PhpSerializer {
  readonly name: PhpSerializerName;
  /** Returns the variables in the bytes, or the reason why they are not a session. Never throws, whatever the bytes are.
   *  Accepts what PHP accepts, also if PHP would write it differently, such as `i:+1;`. */
  decode(bytes: Uint8Array, limits?: Partial<PhpLimits>): PhpSession | PhpRefusal;
  /** Returns the bytes that PHP would write for the variables. Throws a SessionStateError for a name or value that PHP would
   *  drop or could not read again, and for a session beyond the limits. */
  encode(session: PhpSession, limits?: Partial<PhpLimits>): Buffer;
}

/** The names of PHP's serializers. @see PHP `session.serialize_handler` */
export type PhpSerializerName = 'php' | 'php_binary' | 'php_serialize';

/** name `|` value ‖ name `|` value ‖ …          see PS_SERIALIZER_ENCODE_FUNC(php), session.c */
const php = serializer('php', {
  decode: (reader) => variablesOf(reader, () => reader.cursor.takeUntil('|')),
  encode: (session, writer) =>
    writeVariables(session, writer, {
      head: (name) => `${name}|`,
      flaw: (name) =>
        name.includes('|') ? 'contains "|", with which PHP would lose the whole session' : undefined,
    }),
});

/** length(1) ‖ name ‖ value ‖ length(1) ‖ …    PHP ignores the highest bit of a length */
const phpBinary = serializer('php_binary', {
  decode: (reader) => variablesOf(reader, () => reader.cursor.take(reader.cursor.byte() & 0x7f)),
  encode: (session, writer) =>
    writeVariables(session, writer, {
      head: (name) => String.fromCharCode(name.length) + name,
      flaw: (name) => (name.length > 127 ? 'is longer than 127 bytes, so PHP would drop it' : undefined),
    }),
});

/** One serialized array. As in PHP, bytes after it are ignored. */
const phpSerialize = serializer('php_serialize', {
  decode(reader) {
    // The value is a reference if the array contains itself. PHP writes nothing at all for such a session.
    const value = reader.cursor.ended ? null : reader.entry('').value;
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

/** The layout of the variables of a session in one serializer. */
interface Layout {
  decode(reader: ValueReader): PhpSession;
  encode(session: PhpSession, writer: ValueWriter): void;
}

function serializer(name: PhpSerializerName, layout: Layout): PhpSerializer {
  return Object.freeze({
    name,
    decode(bytes: Uint8Array, limits?: Partial<PhpLimits>) {
      const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      const checked = limitsOf(limits);
      return refusalOf(() => layout.decode(new ValueReader(source, checked)));
    },
    encode(session: PhpSession, limits?: Partial<PhpLimits>) {
      const writer = new ValueWriter(limitsOf(limits));
      layout.encode(session, writer);
      return writer.bytes;
    },
  });
}

/** Reads names and values up to the end. Takes the values only then, because a later reference can change an entry. A name
 *  that comes twice keeps its first position and has the last value. */
function variablesOf(reader: ValueReader, readName: () => PhpKey): PhpSession {
  const entries: PhpEntry[] = [];
  while (!reader.cursor.ended) entries.push(reader.entry(readName()));
  return new PhpMap(entries.map(({ key, value }) => [key, value] as const));
}

/** The way in which a serializer writes names. A name has one character per byte here. */
interface NameLayout {
  /** Returns the bytes before the value. */
  head(name: string): string;
  /** Returns the reason why the name cannot be written. */
  flaw(name: string): string | undefined;
}

function writeVariables(session: PhpSession, writer: ValueWriter, { head, flaw }: NameLayout): void {
  for (const { key, value } of session.entries()) {
    if (typeof key === 'bigint') throw nameError(key, 'is an int, so PHP would drop it');
    const name = latin1Of(key);
    const why = flaw(name);
    if (why) throw nameError(key, why);
    writer.put(head(name));
    writer.value(value);
  }
}

function nameError(key: PhpKey, why: string): SessionStateError {
  const name = typeof key === 'string' ? JSON.stringify(key) : String(key);
  return new SessionStateError(
    'ERR_SESSION_VALUE',
    `The key ${name} ${why}; choose another key, or the serializer php_serialize`,
  );
}
