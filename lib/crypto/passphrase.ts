import { createHash, scrypt } from 'node:crypto';

/** scrypt's parameters in the native format (RFC 7914 §2). They are part of the wire format. `maxmem` is only a limit:
 *  scrypt needs 128 · N · r bytes, which is 128 MiB. */
const COST = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 2 ** 20 };
const KEY_LENGTH = 32;

/** Settles when the last passphrase of the process has been stretched. */
let queue: Promise<unknown> = Promise.resolve();

/** Stretches a passphrase into an input key of 32 bytes:
 *
 *      scrypt(passphrase, salt, N=2^17, r=8, p=1, 32 bytes)
 *      salt = SHA-256("session-crypto/v1/pass" ‖ 0 ‖ ring ‖ 0 ‖ configured salt)
 *
 *  Ring and salt contain no zero byte, so that no two pairs give the same salt. The work runs on Node's thread pool, one
 *  passphrase of the process at a time, since each takes 128 MiB. The caller wipes both buffers. */
export function stretchPassphrase(passphrase: Uint8Array, ring: string, salt: string): Promise<Buffer> {
  const run = queue.then(() => derive(passphrase, passphraseSalt(ring, salt)));
  queue = run.catch(() => undefined);
  return run;
}

function derive(passphrase: Uint8Array, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase, salt, KEY_LENGTH, COST, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

function passphraseSalt(ring: string, salt: string): Buffer {
  return createHash('sha256')
    .update('session-crypto/v1/pass\0')
    .update(ring)
    .update('\0')
    .update(salt)
    .digest();
}
