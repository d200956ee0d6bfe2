import { SessionDriverError } from '../../../errors/session-driver.error.js';
import type { KeyUse } from '../../crypto-driver.interface.js';
import { createObject } from './create-object.js';
import { CryptokiError } from './cryptoki.error.js';
import { OBJECT_USES, type ObjectUse } from './mechanisms.js';
import { HiddenKey } from './hidden-key.js';
import type { MacKey } from './mac-key.interface.js';
import type { TokenSession } from './token-session.js';

/** Imported keys that a token holds at one time. More could fill its memory. */
const MAX_OBJECTS = 2048;

const MIN_KEY_LENGTH = 16;
const MAX_KEY_LENGTH = 64;

/** The kinds of object that a key becomes, by its use. */
const USES: Readonly<Record<KeyUse, readonly ObjectUse[]>> = {
  expand: ['mac'],
  seal: ['aes', 'chacha20'],
  cbc: ['aes', 'des3'],
};
const EVERY_USE: readonly ObjectUse[] = ['mac', 'aes', 'chacha20', 'des3'];

/** The objects of one imported key, and the session in which their handles are valid. */
interface Holding {
  readonly session: TokenSession;
  readonly objects: ReadonlyMap<ObjectUse, bigint>;
}

/** The handle of an imported key. The key is lost with its session; the caller must import it again. */
export class ImportedKey extends HiddenKey implements MacKey {
  constructor(
    private readonly holding: Holding,
    private readonly owner: SessionObjects,
  ) {
    super();
  }

  /** True if the session or the objects are gone. */
  get isLost(): boolean {
    return !this.owner.holds(this.holding);
  }

  /** Returns the object for HMAC-SHA-512; throws as {@link object} does. */
  mac(session: TokenSession): bigint {
    return this.object(session, 'mac');
  }

  /** Returns the object for one use. Throws a SessionDriverError if the key is lost, and a RangeError if the key was not
   *  imported for that use. */
  object(session: TokenSession, use: ObjectUse): bigint {
    if (session !== this.holding.session || this.isLost) throw new SessionDriverError(use, 'key lost');
    const object = this.holding.objects.get(use);
    if (object === undefined) throw new RangeError(`the key was not imported for the use "${use}"`);
    return object;
  }
}

/** The imported keys of one driver. A key is destroyed in the token when its handle is collected, or when it is the oldest
 *  of more than {@link MAX_OBJECTS}. */
export class SessionObjects {
  private readonly held = new Set<Holding>();
  private readonly collected = new FinalizationRegistry<Holding>((holding) => this.drop(holding));

  constructor(
    /** The kinds of cipher keys that the token can use. */
    private readonly able: ReadonlySet<ObjectUse>,
    /** Returns the live session, if there is one. */
    private readonly current: () => TokenSession | undefined,
    private readonly limit: number = MAX_OBJECTS,
  ) {}

  /** Creates the objects of a key, for one use or for every use that a key of this length can have. Throws a RangeError if
   *  the length is not 16 to 64 bytes or the token has no use for it, and a CryptokiError if the token refuses. */
  import(session: TokenSession, bytes: Uint8Array, use: KeyUse | undefined): ImportedKey {
    if (!(bytes.length >= MIN_KEY_LENGTH && bytes.length <= MAX_KEY_LENGTH))
      throw new RangeError(`the key has ${bytes.length} bytes; 16 to 64 can be imported`);
    const fits = (one: ObjectUse) =>
      one === 'mac' || (this.able.has(one) && OBJECT_USES[one].lengths.includes(bytes.length));
    const uses = (use ? USES[use] : EVERY_USE).filter(fits);
    if (!uses.length) throw new RangeError(`the token has no use for a key of ${bytes.length} bytes`);
    const objects = new Map(uses.map((one) => [one, createObject(session, one, bytes)]));
    return this.keep({ session, objects });
  }

  /** Reports whether the objects are still in the token, as far as the driver knows. */
  holds(holding: Holding): boolean {
    return holding.session === this.current() && this.held.has(holding);
  }

  /** Destroys all objects. */
  clear(): void {
    for (const holding of this.held) this.drop(holding);
  }

  private keep(holding: Holding): ImportedKey {
    this.held.add(holding);
    if (this.held.size > this.limit) this.drop(this.held.values().next().value!);
    const key = new ImportedKey(holding, this);
    this.collected.register(key, holding);
    return key;
  }

  private drop(holding: Holding): void {
    const isThere = this.holds(holding);
    this.held.delete(holding);
    if (isThere) for (const object of holding.objects.values()) destroyQuietly(holding.session, object);
  }
}

function destroyQuietly(session: TokenSession, object: bigint): void {
  try {
    session.destroy(object);
  } catch (error) {
    if (!(error instanceof CryptokiError)) throw error; // the object disappears with its session
  }
}
