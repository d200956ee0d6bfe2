/** The longest id that is shared: PHP names a file by it, and a name has at most 255 characters with `sess_`. */
export const LONGEST_ID = 250;

/** The characters of PHP's ids: the first 16 with 4 bits per character, the first 32 with 5, all with 6. */
const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ,-';

/** Returns the characters that ids with so many bits per character are made of. */
export const lettersOf = (bitsPerCharacter: 4 | 5 | 6): string => ALPHABET.slice(0, 2 ** bitsPerCharacter);

/** Returns the id of `length` characters that PHP makes of random bytes. It takes the lowest bits of the first byte first and
 *  drops the bits that remain (bin_to_readable, session.c).
 *
 *      byte 0: bits 76543210   byte 1: bits fedcba98          the bits are numbered in the order in which they are used
 *      6 bits per character:   543210, ba9876, …
 *
 *  `bytes` must have at least `length * bitsPerCharacter` bits; a RangeError is thrown otherwise. PHP itself draws `length`
 *  bytes.
 *  @see PHP `session.sid_length`, `session.sid_bits_per_character` */
export function sessionIdFromBytes(bytes: Uint8Array, length: number, bitsPerCharacter: 4 | 5 | 6): string {
  if (bytes.length * 8 < length * bitsPerCharacter)
    throw new RangeError(`An id of ${length} characters needs ${length * bitsPerCharacter} bits`);
  let [id, register, bits, next] = ['', 0, 0, 0];
  while (id.length < length) {
    if (bits < bitsPerCharacter) {
      register |= bytes[next++]! << bits;
      bits += 8;
    }
    id += ALPHABET[register & ((1 << bitsPerCharacter) - 1)]!;
    register >>= bitsPerCharacter;
    bits -= bitsPerCharacter;
  }
  return id;
}
