type Parse = (value: string) => unknown;

/** Reads bytes in the format that the server's `bytea_output` says: `hex`, its default, or `escape`. */
function bytes(value: string): Buffer {
  if (value.startsWith('\\x')) return Buffer.from(value.slice(2), 'hex');
  const octal = (_: string, digits: string | undefined) =>
    digits === undefined ? '\\' : String.fromCharCode(parseInt(digits, 8));
  return Buffer.from(value.replace(/\\(?:\\|([0-7]{3}))/g, octal), 'latin1');
}

const asItCame: Parse = (value) => value;

/** The types that our statements return, by their OID in `pg_type`; all others are text. */
const PARSERS: Readonly<Record<number, Parse | undefined>> = {
  /** bytea */
  17: bytes,
  /** int8 */
  20: Number,
  /** int2 */
  21: Number,
  /** int4 */
  23: Number,
};

/** The result parsers of our statements. An application may set other parsers for the whole process
 *  (`pg.types.setTypeParser`), and none of them is used here. */
export const RESULT_TYPES = { getTypeParser: (oid: number): Parse => PARSERS[oid] ?? asItCame };
