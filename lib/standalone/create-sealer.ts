import { ownCopy, secretBytes } from '../crypto/secret.js';
import { decodeBase64url } from '../envelope/base64url.js';
import { EnvelopeContext, NO_ROW } from '../envelope/envelope-context.js';
import { EnvelopeError } from '../errors/envelope.error.js';
import { SessionConfigError, type ConfigFault } from '../errors/session-config.error.js';
import { OptionReader } from '../options/option-reader.js';
import { resolveCrypto, type ResolvedCrypto } from '../options/resolve-crypto.js';
import type { CryptoOptions } from '../options/crypto-options.interface.js';
import type { DriverContainer } from '../options/resolve-driver.js';
import { openNative, type NativeCrypto } from '../manager/open-crypto.js';

export interface SealerOptions extends CryptoOptions {
  /** What the sealed values are for: a value of one purpose does not open under another. @default 'sealed' */
  readonly purpose?: string;
}

/** Seals bytes or text, without Nest and without sessions. */
export interface Sealer {
  /** An envelope as base64url. `context`, at most 65,535 bytes, is bound to it and not sent. */
  seal(plaintext: string | Uint8Array, context?: string): Promise<string>;
  /** The bytes that were sealed for the same context; rejects with an EnvelopeError, the same for every reason. */
  open(sealed: string, context?: string): Promise<Buffer>;
  /** Reads the secrets again. */
  reload(): Promise<void>;
  /** Stops watching the sources of secrets and closes the driver. */
  close(): Promise<void>;
}

const MAX_TEXT = 2 ** 26;
/** What fits into the longest text that is opened, with its tags. */
const MAX_PLAINTEXT = 50_000_000;
const MAX_CONTEXT = 0xffff;
const QUIET = { reloaded: () => undefined, failed: () => undefined };
/** Nothing is provided where there is no Nest. */
const NOWHERE: DriverContainer = {
  find: () => Promise.resolve(undefined),
  make: (driver) => Reflect.construct(driver, []) as unknown,
};

/** The envelope alone. Rejects with a SessionConfigError that lists every fault. */
export async function createSealer({ purpose = 'sealed', ...crypto }: SealerOptions): Promise<Sealer> {
  const faults: ConfigFault[] = [];
  const resolved = resolveCrypto(new OptionReader('crypto', crypto, faults));
  if (resolved.format || resolved.accept.length)
    faults.push({
      path: 'crypto.format',
      message: 'createSealer() seals in our own form only; take it away',
    });
  if (faults.length) throw new SessionConfigError(faults);
  const { keys, envelope, close } = await open(resolved);
  keys.listen();
  const { tenant, audience } = resolved;
  const contextOf = (name: string) =>
    new EnvelopeContext({ purpose, store: 'sealer', name, tenant, audience });
  return {
    async seal(plaintext, context = '') {
      if (Buffer.byteLength(plaintext) > MAX_PLAINTEXT)
        throw new RangeError(`at most ${MAX_PLAINTEXT} bytes can be sealed`);
      const bytes = typeof plaintext === 'string' ? secretBytes(plaintext) : ownCopy(plaintext);
      try {
        return (await envelope.seal(bytes, contextOf(context), NO_ROW)).toString('base64url');
      } finally {
        bytes.fill(0);
      }
    },
    async open(sealed, context = '') {
      const isText = typeof sealed === 'string' && sealed.length <= MAX_TEXT;
      const bytes = isText && Buffer.byteLength(context) <= MAX_CONTEXT ? decodeBase64url(sealed) : undefined;
      const opened = bytes && (await envelope.open(bytes, contextOf(context), NO_ROW));
      if (!opened || typeof opened === 'string') throw new EnvelopeError();
      return opened.plaintext;
    },
    reload: () => keys.reload(),
    close,
  };
}

async function open(crypto: ResolvedCrypto): Promise<NativeCrypto & { close(): Promise<void> }> {
  const { driver, close } = await crypto.driver.open(NOWHERE);
  try {
    const native = await openNative(crypto, driver, QUIET);
    const stop = async () => {
      native.keys.stop();
      await close();
    };
    return { ...native, close: stop };
  } catch (error) {
    await close().catch(() => undefined); // what stopped the start is told
    throw error;
  }
}
