import { MAX_ATTRIBUTES, MAX_VALUES, SCRATCH } from './cryptoki.js';
import type { NativeMemory } from './native.js';

// Templates: lists of attributes that describe an object, as an array of CK_ATTRIBUTE in the scratch memory.
//
//     CK_ATTRIBUTE = type(8) ‖ address of the value(8) ‖ length(8)          values stand apart, each on a multiple of 8

/** One attribute of an object. A boolean becomes a CK_BBOOL (1 byte), a number a CK_ULONG (8 bytes). */
export type Attribute = readonly [type: number, value: boolean | number | Uint8Array];

const ATTRIBUTE_SIZE = 24;
const align = (length: number) => Math.ceil(length / 8) * 8;

/** Writes a template into the scratch memory. Throws a RangeError if it does not fit. */
export function writeTemplate(memory: NativeMemory, template: readonly Attribute[]): void {
  if (template.length > MAX_ATTRIBUTES) throw new RangeError(`a template of ${template.length} attributes`);
  let at = 0;
  for (const [i, [type, value]] of template.entries()) {
    const length = lengthOf(value);
    if (at + length > MAX_VALUES) throw new RangeError(`an attribute of ${length} bytes is too long`);
    writeValue(memory, SCRATCH.values + at, value);
    memory.write(SCRATCH.attributes + i * ATTRIBUTE_SIZE, type, memory.at(SCRATCH.values + at), length);
    at += align(length);
  }
}

/** Writes a template whose values C_GetAttributeValue fills in. Each request has a type and the bytes that its value may
 *  have. */
export function writeRequest(memory: NativeMemory, requests: readonly (readonly [number, number])[]): void {
  writeTemplate(
    memory,
    requests.map(([type, size]) => [type, new Uint8Array(size)]),
  );
}

/** Returns a copy of the value that a function wrote for attribute `i`. A value that is not available has the length
 *  CK_UNAVAILABLE_INFORMATION (all bits set); it becomes an empty buffer, as does any length beyond the scratch memory. */
export function readValue(memory: NativeMemory, i: number): Buffer {
  const entry = SCRATCH.attributes + i * ATTRIBUTE_SIZE;
  const start = Number(memory.word(entry + 8) - memory.at(0));
  const length = Number(memory.word(entry + 16));
  if (length > MAX_VALUES) return Buffer.alloc(0);
  return Buffer.from(memory.bytes.subarray(start, start + length));
}

/** Wipes the values, which may hold a key. */
export function wipeValues(memory: NativeMemory): void {
  memory.bytes.fill(0, SCRATCH.values, SCRATCH.values + MAX_VALUES);
}

function lengthOf(value: Attribute[1]): number {
  if (typeof value === 'boolean') return 1;
  return typeof value === 'number' ? 8 : value.length;
}

function writeValue(memory: NativeMemory, at: number, value: Attribute[1]): void {
  if (typeof value === 'boolean') memory.bytes[at] = Number(value);
  else if (typeof value === 'number') memory.write(at, value);
  else memory.bytes.set(value, at);
}
