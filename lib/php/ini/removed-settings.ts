import type { Diagnostics } from './diagnostics.js';
import type { Entry } from './entry.interface.js';

/** A setting that PHP no longer has. */
export interface RemovedSetting {
  readonly name: string;
  /** The first version of PHP without it. */
  readonly removed: string;
  /** Its meaning for the reader, as Markdown for docs/php.md. */
  readonly instead: string;
}

const LENGTH = 'Sets the length of ids if `session.sid_length` does not';
const RANDOM = 'No effect: ids come from the random source of the system';
const OLD = 'No effect';

/** The settings that PHP has removed. They are read, and a finding says what they mean now. */
export const REMOVED_SETTINGS: readonly RemovedSetting[] = [
  { name: 'session.hash_function', removed: '7.1', instead: LENGTH },
  {
    name: 'session.hash_bits_per_character',
    removed: '7.1',
    instead: 'Read as `session.sid_bits_per_character`',
  },
  { name: 'session.entropy_file', removed: '7.1', instead: RANDOM },
  { name: 'session.entropy_length', removed: '7.1', instead: RANDOM },
  { name: 'session.bug_compat_42', removed: '5.4', instead: OLD },
  { name: 'session.bug_compat_warn', removed: '5.4', instead: OLD },
];

/** The bits of the hashes that PHP before 7.1 knew, by number or by name. */
const HASH_BITS: Readonly<Record<string, number>> = {
  '0': 128,
  '1': 160,
  md5: 128,
  sha1: 160,
  sha224: 224,
  sha256: 256,
  sha384: 384,
  sha512: 512,
  ripemd160: 160,
  whirlpool: 512,
};
const LENGTH_NAME = 'session.sid_length';
const BITS_NAME = 'session.sid_bits_per_character';

/** Takes the removed settings out of the entries, with a finding for each. The two that set the form of ids become
 *  entries of the settings that do this today, unless those are set too. */
export function replaceRemoved(entries: Map<string, Entry>, diagnostics: Diagnostics): void {
  const hash = entries.get('session.hash_function');
  const bits = entries.get('session.hash_bits_per_character');
  for (const { name, removed } of REMOVED_SETTINGS) {
    const entry = entries.get(name);
    if (entry)
      diagnostics.addFinding(
        entry.place,
        `${name} was removed in PHP ${removed}; ${meaningOf(entry, entries)}`,
      );
    entries.delete(name);
  }
  if (bits && !entries.has(BITS_NAME)) entries.set(BITS_NAME, bits);
  const length = hash && lengthOf(hash, bits);
  if (length && !entries.has(LENGTH_NAME)) entries.set(LENGTH_NAME, { ...hash, text: length });
}

function meaningOf(entry: Entry, entries: ReadonlyMap<string, Entry>): string {
  if (entry.name === 'session.hash_bits_per_character')
    return entries.has(BITS_NAME) ? `${BITS_NAME} is used instead` : `it is read as ${BITS_NAME}`;
  if (entry.name !== 'session.hash_function') return 'it has no effect; remove the line';
  if (entries.has(LENGTH_NAME)) return `${LENGTH_NAME} is used instead`;
  const length = lengthOf(entry, entries.get('session.hash_bits_per_character'));
  return length
    ? `it is read as ${LENGTH_NAME} = ${length}`
    : `its hash is unknown, so it has no effect; write ${LENGTH_NAME} instead`;
}

/** Returns the number of characters that the hash fills, rounded up: MD5 with 6 bits per character has 22. Returns
 *  `undefined` for an unknown hash. */
function lengthOf(hash: Entry, perCharacter: Entry | undefined): string | undefined {
  const name = hash.text.toLowerCase();
  const bits = Object.hasOwn(HASH_BITS, name) ? HASH_BITS[name]! : undefined;
  const each = Number(perCharacter?.text || 4);
  return bits && each >= 4 && each <= 6 ? String(Math.ceil(bits / each)) : undefined;
}
