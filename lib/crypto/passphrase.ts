import { createHash, scrypt } from 'node:crypto';

/** scrypt parameters of the native format; they are wire format. */
const COST = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 2 ** 20 };
const KEY_LENGTH = 32;

let queue: Promise<unknown> = Promise.resolve();

/** 32 bytes: scrypt(passphrase, SHA-256("session-crypto/v1/pass" ‖ 0 ‖ ring ‖ 0 ‖ salt), N=2^17, r=8, p=1).
 *
 *  Runs off the event loop, one passphrase at a time since each takes 128 MiB. The caller wipes both buffers. */
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
