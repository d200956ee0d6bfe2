// The entry of a V8 startup snapshot. It works while the snapshot is built, as an application that warms itself up would, and
// prints what each process that starts from the snapshot seals and draws.
import { createCipheriv, createHmac } from 'node:crypto';
import { startupSnapshot } from 'node:v8';
import type { CryptoDriver } from '../../../../lib/crypto/crypto-driver.interface.js';
import { KeyRing, type RingKey } from '../../../../lib/crypto/key-ring.js';
import { randomPoolBytes } from '../../../../lib/crypto/random-pool.js';
import { SUITES, TAG_LENGTH, type Suite } from '../../../../lib/crypto/suites.js';
import { Envelope } from '../../../../lib/envelope/envelope.js';
import { EnvelopeContext, NO_ROW } from '../../../../lib/envelope/envelope-context.js';

/** The handle of this driver is the bytes: V8 puts no KeyObject into a snapshot. */
const bytesOf = (key: object) => (key as { bytes: Buffer }).bytes;

const driver: CryptoDriver = {
  name: 'bytes',
  ciphers: ['aes256'],
  importKey: (bytes) => ({ bytes: Buffer.from(bytes) }),
  expand: (key, info, length) =>
    createHmac('sha512', bytesOf(key)).update(info).update(Buffer.of(1)).digest().subarray(0, length),
  seal(_suite: Suite, key, nonce, plaintext, additionalData) {
    const cipher = createCipheriv('aes-256-gcm', bytesOf(key), nonce, { authTagLength: TAG_LENGTH });
    cipher.setAAD(additionalData);
    return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  },
  open: () => undefined,
};
const key = {
  hint: 1,
  index: 0,
  retiring: false,
  subkeys: { seal: { bytes: Buffer.alloc(32, 1) }, 'seal-aes128': { bytes: Buffer.alloc(16, 1) } },
} as unknown as RingKey;
const envelope = new Envelope(
  driver,
  { ring: new KeyRing([key], 1) },
  { suite: SUITES[0]!, accepted: SUITES, cacheSize: 10 },
);
const context = new EnvelopeContext({
  purpose: 'session',
  store: 'cookie',
  name: 'sid',
  tenant: '',
  audience: '',
});

function report(): string {
  const sealed = envelope.seal(Buffer.from('text'), context, NO_ROW) as Buffer;
  const hex = (start: number, end: number) => sealed.toString('hex', start, end);
  return JSON.stringify({
    epoch: hex(5, 17),
    nonce: hex(17, 29),
    random: randomPoolBytes(16).toString('hex'),
  });
}

startupSnapshot.addSerializeCallback(report); // another callback may still draw and seal
process.stdout.write(`${report()}\n`);
startupSnapshot.setDeserializeMainFunction(() => process.stdout.write(`${report()}\n`));
