import type { Entry } from './entry.interface.js';
import type { Notes } from './notes.js';

export interface RemovedSetting {
  readonly name: string;
  /** The first version without it. */
  readonly removed: string;
  /** What to write instead, or what became of it, as Markdown. */
  readonly instead: string;
}

const LENGTH = 'Sets the length of ids where `session.sid_length` does not';
const RANDOM = 'Nothing: ids come from the random source of the system';
const OLD = 'Nothing';

/** Settings that PHP had once. They are read, and a finding says what became of them. */
export const REMOVED_SETTINGS: readonly RemovedSetting[] = [
  { name: 'session.hash_function', removed: '7.1', instead: LENGTH },
  { name: 'session.hash_bits_per_character', removed: '7.1', instead: 'As `session.sid_bits_per_character`' },
  { name: 'session.entropy_file', removed: '7.1', instead: RANDOM },
  { name: 'session.entropy_length', removed: '7.1', instead: RANDOM },
  { name: 'session.bug_compat_42', removed: '5.4', instead: OLD },
  { name: 'session.bug_compat_warn', removed: '5.4', instead: OLD },
];

/** Bits of the hashes that PHP knew before 7.1, by number or by name. */
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

/** Takes removed settings out of the entries; the two that said how ids look go on as those that say it now. */
export function replaceRemoved(entries: Map<string, Entry>, notes: Notes): void {
  const hash = entries.get('session.hash_function');
  const perCharacter = entries.get('session.hash_bits_per_character');
  for (const { name, removed } of REMOVED_SETTINGS) {
    const entry = entries.get(name);
    if (entry)
      notes.finding(entry.place, `${name} was removed in PHP ${removed}; ${meaningOf(entry, entries)}`);
    entries.delete(name);
  }
  if (perCharacter && !entries.has(BITS_NAME)) entries.set(BITS_NAME, perCharacter);
  const length = hash && lengthOf(hash, perCharacter);
  if (length && !entries.has(LENGTH_NAME)) entries.set(LENGTH_NAME, { ...hash, text: length });
}

function meaningOf(entry: Entry, entries: ReadonlyMap<string, Entry>): string {
  if (entry.name === 'session.hash_bits_per_character')
    return entries.has(BITS_NAME) ? `${BITS_NAME} counts` : `it is taken for ${BITS_NAME}`;
  if (entry.name !== 'session.hash_function') return 'it has no effect';
  if (entries.has(LENGTH_NAME)) return `${LENGTH_NAME} counts`;
  const length = lengthOf(entry, entries.get('session.hash_bits_per_character'));
  return length
    ? `it is taken for ${LENGTH_NAME} ${length}`
    : 'its hash is not known here, and it has no effect';
}

/** Characters that the hash fills, the last one perhaps not wholly: MD5 with 6 bits each has 22. */
function lengthOf(hash: Entry, perCharacter: Entry | undefined): string | undefined {
  const name = hash.text.toLowerCase();
  const bits = Object.hasOwn(HASH_BITS, name) ? HASH_BITS[name]! : undefined;
  const each = Number(perCharacter?.text || 4);
  return bits && each >= 4 && each <= 6 ? String(Math.ceil(bits / each)) : undefined;
}
