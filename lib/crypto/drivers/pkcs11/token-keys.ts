import { CKA, CKK, CKO_SECRET_KEY } from './constants.js';
import { CryptokiError } from './cryptoki.error.js';
import { ParamFault } from './param.fault.js';
import { HiddenKey } from './hidden-key.js';
import type { Attribute } from './template.js';
import type { TokenSession } from './token-session.js';

/** A key that the token keeps, found by its label or id. An object handle is valid in one session only, so the key is looked
 *  up again in each session; the handle of the last session is remembered. */
export class FoundKey extends HiddenKey {
  private session: TokenSession | undefined;
  private object = 0n;
  private readonly wanted: Attribute;
  /** The fingerprint of the key that was found first. */
  private fingerprint: Buffer | undefined;

  /** Throws a ParamFault unless `reference` is `label=…`, or `id=…` in hexadecimal. */
  constructor(reference: string) {
    super();
    this.wanted = readReference(reference);
  }

  /** Returns the key's handle in `session`. Throws as {@link find} does. */
  mac(session: TokenSession): bigint {
    if (session !== this.session) {
      this.object = this.find(session);
      this.session = session;
    }
    return this.object;
  }

  /** Finds the key and checks it. Throws a ParamFault if there is no such key, if there are several, if the key could leave
   *  the token, or if it is not the key that was found before. Everything derived from another key would have another key
   *  hint and would open no session. */
  private find(session: TokenSession): bigint {
    const found = session.find([[CKA.CLASS, CKO_SECRET_KEY], [CKA.TOKEN, true], this.wanted]);
    if (found.length !== 1)
      throw fault(`${howMany(found.length)}; ${describeKeys(session)}`, 'key not found');
    const fingerprint = checkKey(session, found[0]!);
    if (!fingerprint.equals((this.fingerprint ??= fingerprint)))
      throw fault('names another key than before; restart the application to use it', 'another key');
    return found[0]!;
  }
}

/** Keys that an error message lists at most. */
const MAX_NAMES = 20;

/** Returns the attribute that a reference names: `label=` and 1 to 255 characters, or `id=` and an even number of hexadecimal
 *  digits. Throws a ParamFault for anything else. */
function readReference(reference: string): Attribute {
  const [, label, id] = /^(?:label=([^]{1,255})|id=((?:[0-9a-fA-F]{2}){1,255}))$/.exec(reference) ?? [];
  if (label !== undefined) return [CKA.LABEL, Buffer.from(label)];
  if (id !== undefined) return [CKA.ID, Buffer.from(id, 'hex')];
  throw fault(
    'is not a reference to a key in a token; allowed are "label=sessions-2026", or "id=0a1b" in hexadecimal',
    'key name',
  );
}

const howMany = (count: number) =>
  count ? `names ${count} secret keys of the token` : 'names no secret key that the token shows';

/** Lists the labels of the token's keys, which are not secret, for the operator. */
function describeKeys(session: TokenSession): string {
  const keys = session.find([
    [CKA.CLASS, CKO_SECRET_KEY],
    [CKA.TOKEN, true],
  ]);
  if (!keys.length) return 'it shows none; generateTokenKey(driverParams, label) makes one';
  const names = keys
    .slice(0, MAX_NAMES)
    .map((key) => `"label=${session.attributes(key, [[CKA.LABEL, 256]])[0]!.toString()}"`);
  return `it has ${names.join(', ')}`;
}

/** Checks that a key can compute MACs and cannot leave the token. A key that could be read out would protect no better than
 *  a passphrase, while the configuration promises more. Returns the key's fingerprint. Throws a ParamFault. */
function checkKey(session: TokenSession, key: bigint): Buffer {
  const [type, sensitive, extractable, sign] = session.attributes(key, [
    [CKA.KEY_TYPE, 8],
    [CKA.SENSITIVE, 1],
    [CKA.EXTRACTABLE, 1],
    [CKA.SIGN, 1],
  ]);
  const isMac = [CKK.GENERIC_SECRET, CKK.SHA512_HMAC].some((kind) => type!.equals(wordOf(kind)));
  if (!isMac)
    throw fault('is neither a generic secret key nor a SHA512-HMAC key; make one of these', 'key type');
  if (extractable![0] || !sensitive![0])
    throw fault(
      'could leave the token (CKA_EXTRACTABLE is set, or CKA_SENSITIVE is not); make one that cannot: generateTokenKey(driverParams, label)',
      'key extractable',
    );
  if (!sign![0]) throw fault('may not compute MACs (CKA_SIGN is not set); make a key that may', 'key use');
  return fingerprintOf(session, key);
}

/** Returns the HMAC of a text that is used for nothing else. It tells keys apart and reveals nothing about them. */
function fingerprintOf(session: TokenSession, key: bigint): Buffer {
  try {
    return session.hmac(key, Buffer.from('session-crypto/v1/try'));
  } catch (error) {
    if (!(error instanceof CryptokiError) || error.isLost) throw error;
    throw fault(
      `is refused for CKM_SHA512_HMAC (${error.code}); a key of 64 bytes serves everywhere`,
      error.code,
    );
  }
}

const wordOf = (value: number) => Buffer.from(new BigUint64Array([BigInt(value)]).buffer);
const fault = (message: string, reason: string) => new ParamFault('key', message, reason);
