/** The characters of PHP's ids: 4 bits take the first 16, 5 the first 32, 6 all. */
const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ,-';

/** The characters that ids of so many bits a character are made of. */
export const lettersOf = (bitsPerCharacter: 4 | 5 | 6): string => ALPHABET.slice(0, 2 ** bitsPerCharacter);

/** The id of `length` characters that PHP makes of random bytes, the lowest bits of the first byte first; bytes that are
 *  left over are dropped (session.c, bin_to_readable).
 *
 *  `bytes`: at least `length * bitsPerCharacter / 8` of them; a RangeError for fewer. PHP itself draws `length`.
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
