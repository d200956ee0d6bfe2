import { SessionStateError } from '../../../../lib/errors/session-state.error.js';
import { PHP_SERIALIZERS, type PhpSerializer, type PhpSerializerName } from '../../../../lib/php/serializer/php-serializer.js';
import type { PhpSession } from '../../../../lib/php/serializer/php-value.js';
import type { Outcome, PhpCase, Rule } from '../php-session.js';
import { NOTHING_IS_LOST } from '../probe/differences.js';
import { fromTyped, isOnlyInPhp, spell, type Spelt, type Typed } from '../typed-json.js';
import { ruleFor, type Pair } from './rules.js';

interface Encoding {
  /** `false` if nothing was written, null if PHP threw. */
  readonly encoded_b64: string | false | null;
  readonly decoded_same?: boolean;
  readonly decoded?: Typed;
}

type SerializersCase = PhpCase & { readonly value: Typed } & Readonly<
    Partial<Record<PhpSerializerName, Encoding>>
  >;

const ONLY_IN_PHP: Rule = {
  name: 'only in a running PHP',
  reason: 'closures and resources are no data: the first cannot be written, the second becomes 0',
};

export function checkSerializers(vector: SerializersCase): Outcome {
  const found: Rule[] = [];
  for (const serializer of Object.values(PHP_SERIALIZERS)) {
    const encoding = vector[serializer.name];
    if (encoding) found.push(...differences(serializer, vector.value, encoding));
  }
  return found[0] ?? 'same';
}

function differences(serializer: PhpSerializer, value: Typed, encoding: Encoding): Rule[] {
  const bytes = encoding.encoded_b64 ? Buffer.from(encoding.encoded_b64, 'base64') : undefined;
  return [
    bytes && reads(serializer, bytes, encoding.decoded ?? value),
    bytes && writesAgain(serializer, bytes),
    writes(serializer, value, bytes),
  ].filter((rule) => rule !== undefined);
}

/** Decoding PHP's bytes gives PHP's value. */
function reads(serializer: PhpSerializer, bytes: Buffer, value: Typed): Rule | undefined {
  const session = serializer.decode(bytes);
  const ours = typeof session === 'string' ? undefined : spell(session);
  const pair: Pair = { ours, theirs: spell(fromTyped(value)), bytes: bytes.toString('latin1') };
  return ruleFor(`what ${serializer.name} reads`, pair);
}

/** Decoding and encoding PHP's bytes gives the same bytes. No rule may cover a difference here. */
function writesAgain(serializer: PhpSerializer, bytes: Buffer): undefined {
  const session = serializer.decode(bytes);
  if (typeof session === 'string') throw new Error(`${serializer.name} refuses what PHP wrote: ${session}`);
  const again = serializer.encode(session);
  if (!again.equals(bytes)) throw new Error(`${serializer.name} writes ${again} in place of ${bytes}`);
}

/** Encoding PHP's value gives PHP's bytes. */
function writes(serializer: PhpSerializer, value: Typed, theirs: Buffer | undefined): Rule | undefined {
  if (isOnlyInPhp(value)) return ONLY_IN_PHP;
  const session = fromTyped(value) as PhpSession;
  const ours = written(serializer, session);
  if (ours === undefined) {
    if (sizeOf(serializer, theirs) < session.size) return NOTHING_IS_LOST;
    throw new Error(`${serializer.name} refuses to write what PHP writes as ${theirs}`);
  }
  if (ours.equals(theirs ?? Buffer.alloc(0))) return undefined;
  const pair = {
    ours: speltBy(serializer, ours),
    theirs: speltBy(serializer, theirs),
    bytes: String(theirs),
  };
  const rule = ruleFor(`what ${serializer.name} writes`, pair);
  if (rule) return rule;
  throw new Error(`${serializer.name} writes ${ours} in place of ${theirs}`);
}

function written(serializer: PhpSerializer, session: PhpSession): Buffer | undefined {
  try {
    return serializer.encode(session);
  } catch (error) {
    if (error instanceof SessionStateError) return undefined;
    throw error;
  }
}

function sizeOf(serializer: PhpSerializer, bytes: Buffer | undefined): number {
  const session = bytes && serializer.decode(bytes);
  return typeof session === 'object' ? session.size : 0;
}

function speltBy(serializer: PhpSerializer, bytes: Buffer | undefined): Spelt | undefined {
  const session = bytes && serializer.decode(bytes);
  return typeof session === 'object' ? spell(session) : undefined;
}
