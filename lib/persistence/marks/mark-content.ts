/** What marks say, as bytes. Numbers are big-endian and have 32 bits; moments are seconds since 1970. */
import { createHash } from 'node:crypto';

/** The first byte. */
const KIND = { ended: 1, generations: 2, epoch: 3 } as const;

/** The moments of generations that are kept. A cookie whose successor is older does not count any more. */
const MOMENTS = 8;

/** The session with this id counts no more. */
export interface EndedMark {
  readonly kind: 'ended';
  readonly at: number;
  /** The id of the session that its holder has made of it. */
  readonly successor?: Buffer | undefined;
  /** The hash of the subject whose login has ended it. */
  readonly subject?: Buffer | undefined;
}

/** The session was changed: cookies with an older generation hold an old state of it. */
export interface GenerationsMark {
  readonly kind: 'generations';
  readonly generation: number;
  /** When the last generations were made, the highest first. */
  readonly moments: readonly number[];
}

export type IdMark = EndedMark | GenerationsMark;

/** Sessions that were sealed before this epoch count no more, except one. */
export interface EpochMark {
  /** A moment, so that it is higher than every one before even if the mark was forgotten. */
  readonly epoch: number;
  /** The id of a session that counts if it was sealed in the epoch {@link keptFrom} or later. */
  readonly kept: Buffer | undefined;
  /** In the mark of all: the highest epoch that any subject has. */
  readonly keptFrom: number;
  /** In the mark of all: seconds for which the longest session can live, over all applications that share the marks. */
  readonly longestLife: number | undefined;
}

const NONE = Buffer.alloc(0);

export const subjectHash = (subject: string): Buffer => createHash('sha256').update(subject).digest();

/** kind(1) ‖ at(4) ‖ id of the successor(16), if there is one ‖ hash of the subject(32), if there is one */
export const encodeEnded = ({ at, successor = NONE, subject = NONE }: Omit<EndedMark, 'kind'>): Buffer =>
  Buffer.concat([numbers(KIND.ended, at), successor, subject]);

/** kind(1) ‖ generation(4) ‖ moments(4 each) */
export const encodeGenerations = ({ generation, moments }: Omit<GenerationsMark, 'kind'>): Buffer =>
  numbers(KIND.generations, generation, ...moments.slice(0, MOMENTS));

/** kind(1) ‖ epoch(4) ‖ kept from(4) ‖ id of the kept session(16) or the longest life(4), if there is one */
export const encodeEpoch = ({ epoch, keptFrom, kept = NONE, longestLife }: EpochMark): Buffer =>
  Buffer.concat([numbers(KIND.epoch, epoch, keptFrom, ...(longestLife ? [longestLife] : [])), kept]);

/** Reads the mark of an id. What nobody has written, such as an emptied row, has ended the session long ago. */
export function decodeId(bytes: Buffer | undefined): IdMark | undefined {
  if (!bytes) return undefined;
  const [first, ...others] = numbersOf(bytes);
  if (bytes[0] === KIND.generations && first !== undefined)
    return { kind: 'generations', generation: first, moments: others };
  if (bytes[0] !== KIND.ended || first === undefined) return { kind: 'ended', at: 0 };
  const hasSuccessor = bytes.length === 21 || bytes.length === 53;
  const subjectAt = hasSuccessor ? 21 : 5;
  return {
    kind: 'ended',
    at: first,
    successor: hasSuccessor ? bytes.subarray(5, 21) : undefined,
    subject: bytes.length > subjectAt ? bytes.subarray(subjectAt) : undefined,
  };
}

/** Reads the mark of an epoch. What nobody has written is an epoch that no session has reached. */
export function decodeEpoch(bytes: Buffer | undefined): EpochMark | undefined {
  if (!bytes) return undefined;
  const [epoch, keptFrom, last] = numbersOf(bytes);
  if (bytes[0] !== KIND.epoch || epoch === undefined || keptFrom === undefined)
    return { epoch: 0xffffffff, kept: undefined, keptFrom: 0xffffffff, longestLife: undefined };
  const longestLife = bytes.length === 13 ? last : undefined;
  return { epoch, keptFrom, kept: bytes.length > 13 ? bytes.subarray(9) : undefined, longestLife };
}

function numbers(kind: number, ...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(1 + 4 * values.length);
  bytes[0] = kind;
  values.forEach((value, i) => bytes.writeUInt32BE(value, 1 + 4 * i));
  return bytes;
}

/** The whole numbers behind the first byte. */
const numbersOf = (bytes: Buffer): number[] =>
  Array.from({ length: Math.max(0, Math.floor((bytes.length - 1) / 4)) }, (_, i) =>
    bytes.readUInt32BE(1 + 4 * i),
  );
