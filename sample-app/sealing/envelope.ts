import { layoutOf, type TokenPart } from '../cookie/token-layout.js';

/** The version byte of an envelope. */
const SEALED = 0x11;

/** A field of an envelope with its bytes. */
export interface EnvelopeField extends Omit<TokenPart, 'shown'> {
  /** The offset of the first byte. */
  readonly at: number;
  readonly value: Buffer;
}

/** An envelope of the demonstration, cut into its fields (docs/wire-format.md, section 3). */
export interface EnvelopeView {
  readonly text: string;
  readonly bytes: Buffer;
  readonly fields: readonly EnvelopeField[];
}

/** Cuts a text into the fields of an envelope, whatever its first byte says; `undefined` if it is too short for one. */
export function viewEnvelope(text: string): EnvelopeView | undefined {
  const bytes = Buffer.from(text, 'base64url');
  const parts = layoutOf(Buffer.concat([Buffer.of(SEALED), bytes.subarray(1)]))?.parts(bytes.length);
  if (!parts) return undefined;
  let at = 0;
  const fields = parts.map(({ name, says, bytes: length }) => {
    const field = { name, says, bytes: length, at, value: bytes.subarray(at, at + length) };
    at += length;
    return field;
  });
  return { text, bytes, fields };
}

/** The field of a name. Throws a RangeError for a name that no field has. */
export function fieldOf({ fields }: EnvelopeView, name: string): EnvelopeField {
  const field = fields.find((one) => one.name === name);
  if (!field) throw new RangeError(`an envelope has no field "${name}"`);
  return field;
}

/** header(5) ‖ epoch(12), from which the key of the epoch is derived. */
export const prefixOf = ({ bytes }: EnvelopeView): Buffer => bytes.subarray(0, 17);
