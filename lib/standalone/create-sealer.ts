import { isUint8Array } from 'node:util/types';
import { ownCopy, secretBytes } from '../crypto/secret.js';
import { decodeBase64url } from '../envelope/base64url.js';
import { ENVELOPE_OVERHEAD, MAX_PAYLOAD } from '../envelope/envelope.js';
import { EnvelopeContext, NO_ROW } from '../envelope/envelope-context.js';
import { EnvelopeError } from '../errors/envelope.error.js';
import { SessionConfigError, type ConfigFault } from '../errors/session-config.error.js';
import { SessionStateError } from '../errors/session-state.error.js';
import { OptionReader } from '../options/option-reader.js';
import { resolveCrypto, type ResolvedCrypto } from '../options/resolve-crypto.js';
import type { CryptoOptions } from '../options/crypto-options.interface.js';
import type { DriverContainer } from '../options/resolve-driver.js';
import { openNative, type NativeCrypto } from '../manager/open-crypto.js';

export interface SealerOptions extends CryptoOptions {
  /** The use of the sealed values. A value of one purpose does not open under another. @default 'sealed' */
  readonly purpose?: string;
}

/** Seals bytes or text, without Nest and without sessions. */
export interface Sealer {
  /** Seals a text (as UTF-8) or bytes, at most 1 MiB of them. Returns the envelope as base64url.
   *
   *  `context` is a text of at most 65,535 bytes. The value is bound to it, and it is not sent. Rejects with a
   *  RangeError if plaintext or context is too long, with a TypeError if the plaintext is neither text nor bytes or the
   *  context is no text of whole characters, and with a SessionDriverError if the driver cannot reach its key. */
  seal(plaintext: string | Uint8Array, context?: string): Promise<string>;
  /** Returns the bytes that were sealed for the same context. Rejects with an EnvelopeError, which is the same for every
   *  reason, or with a SessionDriverError if the driver cannot reach its key. */
  open(sealed: string, context?: string): Promise<Buffer>;
  /** Reads the secrets again. Rejects with a SessionConfigError if a source fails; the last good ring stays in use. */
  reload(): Promise<void>;
  /** Stops watching the sources of the secrets and closes the driver. Waits for what is being sealed or opened. Afterwards every
   *  method but this one rejects with a SessionStateError (`ERR_SESSION_CLOSED`). */
  close(): Promise<void>;
}

/** Bytes of the longest plaintext: 1 MiB. */
const MAX_PLAINTEXT = MAX_PAYLOAD;
/** Characters of the longest text that is opened. */
const MAX_TEXT = Math.ceil(((MAX_PLAINTEXT + ENVELOPE_OVERHEAD) * 4) / 3);
const MAX_CONTEXT = 0xffff;
/** Nobody listens to reloads here; `reload()` rejects by itself. */
const QUIET = { reloaded: () => undefined, failed: () => undefined };
/** The container of a program without Nest: nothing is provided, and a driver class is constructed without arguments. */
const NOWHERE: DriverContainer = {
  find: () => Promise.resolve(undefined),
  make: (driver) => Reflect.construct(driver, []) as unknown,
};

/** Makes a sealer: the envelope of docs/wire-format.md alone, without frame and clocks. Rejects with a SessionConfigError
 *  that lists every fault in the options. */
export async function createSealer({ purpose = 'sealed', ...crypto }: SealerOptions): Promise<Sealer> {
  const resolved = resolve(crypto);
  const { keys, envelope, close } = await open(resolved);
  keys.listen();
  const { tenant, audience } = resolved;
  const contextOf = (name: string) =>
    new EnvelopeContext({ purpose, store: 'sealer', name, tenant, audience });
  let running = 0; // a Set of them would keep their plaintexts, as ShortLivedMap says
  let idle = () => {};
  let closed: Promise<void> | undefined;
  /** Runs `work` unless the sealer is closed. */
  const whileOpen = <R>(work: () => Promise<R>): Promise<R> => {
    if (closed) return Promise.reject(closedError());
    const result = work();
    running++;
    const leave = () => void (--running || idle());
    result.then(leave, leave);
    return result;
  };
  const stop = async () => {
    if (running) await new Promise<void>((resolve) => (idle = resolve));
    await close();
  };
  const methods = {
    async seal(plaintext: string | Uint8Array, context: string) {
      if (typeof plaintext !== 'string' && !isUint8Array(plaintext))
        throw new TypeError('only a text or a Uint8Array can be sealed');
      if (!isContext(context)) throw new TypeError('the context must be a text without half surrogate pairs');
      if (Buffer.byteLength(plaintext) > MAX_PLAINTEXT)
        throw new RangeError(`at most ${MAX_PLAINTEXT} bytes can be sealed`);
      const bytes = typeof plaintext === 'string' ? secretBytes(plaintext) : ownCopy(plaintext);
      try {
        return (await envelope.seal(bytes, contextOf(context), NO_ROW)).toString('base64url');
      } finally {
        bytes.fill(0);
      }
    },
    async open(sealed: string, context: string) {
      const bytes = decode(sealed, context);
      const opened = bytes && (await envelope.open(bytes, contextOf(context), NO_ROW));
      if (!opened || typeof opened === 'string') throw new EnvelopeError();
      return opened.plaintext;
    },
  };
  return {
    seal: (plaintext, context = '') => whileOpen(() => methods.seal(plaintext, context)),
    open: (sealed, context = '') => whileOpen(() => methods.open(sealed, context)),
    reload: () => whileOpen(() => keys.reload()),
    close: () => (closed ??= stop()),
  };
}

const closedError = () =>
  new SessionStateError('ERR_SESSION_CLOSED', 'The sealer is closed; make another one with createSealer()');

function resolve(crypto: CryptoOptions): ResolvedCrypto {
  const faults: ConfigFault[] = [];
  const resolved = resolveCrypto(new OptionReader('crypto', crypto, faults));
  if (resolved.format || resolved.accept.length)
    faults.push({
      path: 'crypto.format',
      message: 'createSealer() seals in the native format only; remove format and accept',
    });
  if (resolved.managed)
    faults.push({
      path: 'crypto.ring',
      message:
        'is a managed ring, which drops its keys when sessions have ended, and sealed values have no end; write a name, and rotate crypto.secrets',
    });
  if (faults.length) throw new SessionConfigError(faults);
  return resolved;
}

/** Reports whether a value can be bound to a context. UTF-8 would make all half surrogate pairs one character, and all arrays
 *  of one length the same bytes: a value of one context would open under another one. */
const isContext = (context: unknown): boolean =>
  typeof context === 'string' && !/\p{Surrogate}/u.test(context);

/** Returns the bytes of a sealed text, or `undefined` if it cannot open: no text, too long, not canonical base64url, or with
 *  a context that nothing can have been sealed for. Lengths are checked before anything is decoded. */
function decode(sealed: unknown, context: string): Buffer | undefined {
  if (typeof sealed !== 'string' || sealed.length > MAX_TEXT || !isContext(context)) return undefined;
  return Buffer.byteLength(context) <= MAX_CONTEXT ? decodeBase64url(sealed) : undefined;
}

/** Opens the driver and reads the secrets. Closes the driver again if that fails. */
async function open(crypto: ResolvedCrypto): Promise<NativeCrypto & { close(): Promise<void> }> {
  const { driver, close } = await crypto.driver.open(NOWHERE);
  try {
    const native = await openNative(crypto, driver, QUIET, {
      longestTimeout: 0,
      now: Date.now,
      need: 0,
      steady: Date.now,
    });
    const stop = async () => {
      await native.keys.stop();
      await close();
    };
    return { ...native, close: stop };
  } catch (error) {
    await close().catch(() => undefined); // the first error says why the start failed
    throw error;
  }
}
