import type { SecretOption } from '../../crypto/key-source.interface.js';
import { keyStrength, passphraseStrength, type SecretStrength } from './secret-strength.js';

/** The facts about a secret that the audit may show: its place, kind and length, but never its value. */
export interface SecretFacts {
  readonly place: 'text' | 'bytes' | 'environment' | 'file' | 'program' | 'function' | 'token';
  /** `undefined` if the audit does not see the secret, which is read only at the start. */
  readonly kind: 'raw key' | 'passphrase' | undefined;
  /** Bytes; 0 if the audit does not see the secret. */
  readonly length: number;
  /** `undefined` if the audit does not see the secret. */
  readonly strength: SecretStrength | undefined;
  /** True if the options accept a file that other users can read. */
  readonly othersMayRead: boolean;
}

type Variables = Readonly<Record<string, string | undefined>>;

const UNSEEN = { kind: undefined, length: 0, strength: undefined, othersMayRead: false } as const;

/** Returns the facts about an entry of `crypto.secrets`, which was checked before. A secret that equals one of the
 *  environment's `variables` counts as read from the environment. */
export function secretFacts(option: SecretOption, variables: Variables): SecretFacts {
  if (typeof option === 'function') return { ...UNSEEN, place: 'function' };
  if (option instanceof Uint8Array) return rawFacts(option, 'bytes');
  if (typeof option === 'string') return textFacts(option, variables);
  if ('exec' in option) return { ...UNSEEN, place: 'program' };
  if ('file' in option) return { ...UNSEEN, place: 'file', othersMayRead: option.othersMayRead === true };
  if ('key' in option) return { ...UNSEEN, place: 'token' };
  const { passphrase } = option;
  if (typeof passphrase === 'string') return passphraseFacts(passphrase, placeOf(passphrase, variables));
  return bytesFacts(passphrase);
}

function textFacts(text: string, variables: Variables): SecretFacts {
  if (text.startsWith('exec:')) return { ...UNSEEN, place: 'program' };
  if (text.startsWith('file:')) return { ...UNSEEN, place: 'file' };
  const place = placeOf(text, variables);
  if (text.startsWith('raw:')) return decodedFacts(text.slice(4), 'base64url', place);
  if (text.startsWith('hex:')) return decodedFacts(text.slice(4), 'hex', place);
  return passphraseFacts(text, place);
}

/** Decodes a key, and wipes the copy afterwards. */
function decodedFacts(text: string, encoding: 'base64url' | 'hex', place: SecretFacts['place']): SecretFacts {
  const bytes = Buffer.from(text, encoding);
  const facts = rawFacts(bytes, place);
  bytes.fill(0);
  return facts;
}

const rawFacts = (bytes: Uint8Array, place: SecretFacts['place']): SecretFacts => ({
  place,
  kind: 'raw key',
  length: bytes.length,
  strength: keyStrength(bytes),
  othersMayRead: false,
});

const passphraseFacts = (text: string, place: SecretFacts['place']): SecretFacts => ({
  place,
  kind: 'passphrase',
  length: Buffer.byteLength(text),
  strength: passphraseStrength(text),
  othersMayRead: false,
});

/** Printable bytes are judged as text, and others as a key. */
function bytesFacts(bytes: Uint8Array): SecretFacts {
  const isText = bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
  if (isText) return passphraseFacts(Buffer.from(bytes).toString('latin1'), 'bytes');
  return { ...rawFacts(bytes, 'bytes'), kind: 'passphrase' };
}

const placeOf = (text: string, variables: Variables): 'environment' | 'text' =>
  Object.values(variables).includes(text) ? 'environment' : 'text';
