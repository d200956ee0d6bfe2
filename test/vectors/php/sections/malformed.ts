import { PHP_SERIALIZERS, type PhpSerializerName } from '../../../../lib/php/serializer/php-serializer.js';
import { PhpMap, type PhpSession } from '../../../../lib/php/serializer/php-value.js';
import type { Outcome, PhpCase, Rule } from '../php-session.js';
import { fromTyped, spell, type Spelt, type Typed } from '../typed-json.js';
import { ruleFor } from './rules.js';

interface MalformedCase extends PhpCase {
  readonly handler: PhpSerializerName;
  readonly in_b64: string;
  readonly session_decode: { readonly decode_return: boolean; readonly session_after: Typed };
  readonly file_at_start: {
    readonly start_return: boolean;
    readonly session_after: Typed;
    readonly file_after_b64: string | null;
  };
}

export function checkMalformed(vector: MalformedCase): Outcome {
  const bytes = Buffer.from(vector.in_b64, 'base64');
  const session = PHP_SERIALIZERS[vector.handler].decode(bytes);
  const decoded = typeof session === 'string' ? undefined : session;
  return intoSession(vector, bytes, decoded) ?? atStart(vector, bytes, decoded) ?? 'same';
}

/** session_decode() adds variables to `pre`, or replaces all by an array. */
function intoSession(
  { handler, session_decode: theirs }: MalformedCase,
  bytes: Buffer,
  decoded: PhpSession | undefined,
): Rule | undefined {
  const pre = handler === 'php_serialize' ? [] : ([['pre', 'kept']] as const);
  return ruleFor('session_decode', {
    ours: decoded && spell(new PhpMap([...pre, ...decoded])),
    theirs: theirs.decode_return ? spell(fromTyped(theirs.session_after)) : undefined,
    bytes: bytes.toString('latin1'),
  });
}

/** Puts the same bytes into the file of a session, which PHP reads at the start and writes at the end. */
function atStart(
  { handler, file_at_start: theirs }: MalformedCase,
  bytes: Buffer,
  decoded: PhpSession | undefined,
): Rule | undefined {
  const rule = ruleFor('the start', {
    ours: decoded && spell(decoded),
    theirs: theirs.start_return ? spell(fromTyped(theirs.session_after)) : undefined,
    bytes: bytes.toString('latin1'),
  });
  return rule ?? afterwards(handler, decoded, theirs.file_after_b64);
}

function afterwards(
  handler: PhpSerializerName,
  decoded: PhpSession | undefined,
  file: string | null,
): Rule | undefined {
  const serializer = PHP_SERIALIZERS[handler];
  const theirs = file === null ? undefined : Buffer.from(file, 'base64');
  const ours = decoded && serializer.encode(decoded);
  if (ours === undefined ? theirs === undefined : theirs && ours.equals(theirs)) return undefined;
  const speltBy = (bytes: Buffer | undefined): Spelt | undefined => {
    const session = bytes && serializer.decode(bytes);
    return typeof session === 'object' ? spell(session) : undefined;
  };
  const rule = ruleFor('the file', { ours: speltBy(ours), theirs: speltBy(theirs), bytes: String(theirs) });
  if (rule) return rule;
  throw new Error(`the file is ${ours} in place of ${theirs}`);
}
