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

/** Keeps what was made for a session as long as that session lasts. */
abstract class RemadeKey extends HiddenKey implements MacKey {
  private session: TokenSession | undefined;
  private object = 0n;

  mac(session: TokenSession): bigint {
    if (session !== this.session) {
      this.object = this.make(session);
      this.session = session;
    }
    return this.object;
  }

  protected abstract make(session: TokenSession): bigint;
}

/** A key that the token keeps, found by label or id. */
export class FoundKey extends RemadeKey {
  private readonly wanted: Attribute;
  private known: Buffer | undefined;

  /** Throws a ParamFault unless `reference` is `label=…` or `id=…` in hexadecimal. */
  constructor(reference: string) {
    super();
    this.wanted = readReference(reference);
  }

  /** Throws a ParamFault when there is no such key, more than one, one that could leave the token, or another than it
   *  was before: what is derived from that would fit neither the hint nor any session. */
  protected override make(session: TokenSession): bigint {
    const found = session.find([[CKA.CLASS, CKO_SECRET_KEY], [CKA.TOKEN, true], this.wanted]);
    if (found.length !== 1)
      throw fault(`${howMany(found.length)}; ${describeKeys(session)}`, 'key not found');
    const sample = checkKey(session, found[0]!);
    if (!sample.equals((this.known ??= sample)))
      throw fault('names another key than before; restart to use it', 'another key');
    return found[0]!;
  }
}

/** What the token derived from another key of its own: derived anew for each session. */
export class DerivedKey extends RemadeKey {
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

/** What was derived from a secret that came from outside the token: kept outside too, to be imported anew. */
export class OutsideKey extends RemadeKey {
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

/** Keys that a message lists. */
const MAX_NAMES = 20;

/** `label=…` or `id=…`, an even number of hexadecimal digits. */
function readReference(reference: string): Attribute {
  const [, label, id] = /^(?:label=([^]{1,255})|id=((?:[0-9a-fA-F]{2}){1,255}))$/.exec(reference) ?? [];
  if (label !== undefined) return [CKA.LABEL, Buffer.from(label)];
  if (id !== undefined) return [CKA.ID, Buffer.from(id, 'hex')];
  throw fault(
    'is no name of a key in a token: "label=sessions-2026", or "id=0a1b" in hexadecimal',
    'key name',
  );
}

const howMany = (count: number) =>
  count ? `names ${count} secret keys of the token` : 'names no secret key that the token shows';

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

/** What the key answers to a text that is asked for nothing else. A key that could be read out would be no better than a
 *  passphrase, and look better. */
function checkKey(session: TokenSession, key: bigint): Buffer {
  const [type, sensitive, extractable, sign] = session.attributes(key, [
    [CKA.KEY_TYPE, 8],
    [CKA.SENSITIVE, 1],
    [CKA.EXTRACTABLE, 1],
    [CKA.SIGN, 1],
  ]);
  const isMac = [CKK.GENERIC_SECRET, CKK.SHA512_HMAC].some((kind) => type!.equals(wordOf(kind)));
  if (!isMac) throw fault('is no generic secret or SHA512-HMAC key', 'key type');
  if (extractable![0] || !sensitive![0])
    throw fault(
      'could leave the token (CKA_EXTRACTABLE is set, or CKA_SENSITIVE is not); make one that cannot: generateTokenKey(driverParams, label)',
      'key extractable',
    );
  if (!sign![0]) throw fault('may not make MACs (CKA_SIGN is not set)', 'key use');
  return tryKey(session, key);
}

function tryKey(session: TokenSession, key: bigint): Buffer {
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
