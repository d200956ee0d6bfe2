import type { KeyObject } from 'node:crypto';
import { CKA, CKK, CKO_SECRET_KEY } from './constants.js';
import { createObject } from './create-object.js';
import { CryptokiError } from './cryptoki.error.js';
import { expandIn } from './expand.js';
import { ParamFault } from './param.fault.js';
import { HiddenKey } from './hidden-key.js';
import type { MacKey } from './mac-key.interface.js';
import type { Attribute } from './template.js';
import type { TokenSession } from './token-session.js';

/** A key whose object is made again in each session. The object of the last session is remembered. */
abstract class PerSessionKey extends HiddenKey implements MacKey {
  private session: TokenSession | undefined;
  private object = 0n;

  /** Returns the object's handle in `session`, making the object at the first call. */
  mac(session: TokenSession): bigint {
    if (session !== this.session) {
      this.object = this.make(session);
      this.session = session;
    }
    return this.object;
  }

  /** Returns the handle of the object in a new session. */
  protected abstract make(session: TokenSession): bigint;
}

/** A key that the token keeps, found by its label or id. */
export class FoundKey extends PerSessionKey {
  private readonly wanted: Attribute;
  /** The fingerprint of the key that was found first. */
  private fingerprint: Buffer | undefined;

  /** Throws a ParamFault unless `reference` is `label=…`, or `id=…` in hexadecimal. */
  constructor(reference: string) {
    super();
    this.wanted = readReference(reference);
  }

  /** Finds the key and checks it. Throws a ParamFault if there is no such key, if there are several, if the key could leave
   *  the token, or if it is not the key that was found before. Everything derived from another key would have another key
   *  hint and would open no session. */
  protected override make(session: TokenSession): bigint {
    const found = session.find([[CKA.CLASS, CKO_SECRET_KEY], [CKA.TOKEN, true], this.wanted]);
    if (found.length !== 1)
      throw fault(`${howMany(found.length)}; ${describeKeys(session)}`, 'key not found');
    const fingerprint = checkKey(session, found[0]!);
    if (!fingerprint.equals((this.fingerprint ??= fingerprint)))
      throw fault('names another key than before; restart the application to use it', 'another key');
    return found[0]!;
  }
}

/** A subkey that the token derives from one of its own keys, again in each session. Its bytes pass through the process for a
 *  moment, since PKCS #11 v2.40 has no HKDF, and are wiped. */
export class DerivedKey extends PerSessionKey {
  constructor(
    private readonly parent: MacKey,
    private readonly info: Uint8Array,
    private readonly length: number,
  ) {
    super();
  }

  protected override make(session: TokenSession): bigint {
    const bytes = expandIn(session, this.parent.mac(session), this.info, this.length);
    try {
      return createObject(session, 'mac', bytes);
    } finally {
      bytes.fill(0);
    }
  }
}

/** A subkey of a secret that came from outside the token. It is kept outside too, as a KeyObject, and imported into each
 *  session. */
export class ExternalKey extends PerSessionKey {
  constructor(private readonly key: KeyObject) {
    super();
  }

  protected override make(session: TokenSession): bigint {
    const bytes = this.key.export();
    try {
      return createObject(session, 'mac', bytes);
    } finally {
      bytes.fill(0);
    }
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
